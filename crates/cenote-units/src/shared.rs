/// Makes shared models of these types: `Arc<dyn Trait>` from each. They are compiled where this stands, in all widths; who uses them by
/// it need not compile them again, which takes most of a minute for some.
#[macro_export]
macro_rules! shared {
    ($($trait:ident: $($model:ty),+ $(,)?;)+) => {$($(
        impl ::core::convert::From<$model> for ::std::sync::Arc<dyn $trait> {
            #[inline(never)]
            fn from(model: $model) -> Self {
                ::std::sync::Arc::new(model)
            }
        }
    )+)+};
}
