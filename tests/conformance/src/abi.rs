//! Calls and answers as contracts read and write them.

use anyhow::{Context, Result, ensure};
use revm::primitives::{Address, I256, U256, keccak256};

/// An argument of a call.
#[derive(Clone, Debug)]
pub enum Argument {
    /// A number, an address, a flag: anything that takes one word. A struct of such is their sequence.
    Word(U256),
    /// Bytes or text of any length.
    Bytes(Vec<u8>),
    /// A list of any length.
    List(Vec<Self>),
}

impl From<U256> for Argument {
    fn from(word: U256) -> Self {
        Self::Word(word)
    }
}

impl From<u128> for Argument {
    fn from(number: u128) -> Self {
        Self::Word(U256::from(number))
    }
}

impl From<u64> for Argument {
    fn from(number: u64) -> Self {
        Self::Word(U256::from(number))
    }
}

impl From<u32> for Argument {
    fn from(number: u32) -> Self {
        Self::Word(U256::from(number))
    }
}

impl From<i32> for Argument {
    fn from(number: i32) -> Self {
        Self::Word(word_of(number))
    }
}

impl From<bool> for Argument {
    fn from(flag: bool) -> Self {
        Self::Word(U256::from(flag))
    }
}

impl From<Address> for Argument {
    fn from(address: Address) -> Self {
        Self::Word(address.into_word().into())
    }
}

impl<A: Clone + Into<Self>> From<&[A]> for Argument {
    fn from(list: &[A]) -> Self {
        Self::List(list.iter().cloned().map(Into::into).collect())
    }
}

/// A number that may be negative as a word.
pub fn word_of(number: i32) -> U256 {
    let magnitude = U256::from(number.unsigned_abs());
    if number < 0 { magnitude.wrapping_neg() } else { magnitude }
}

/// What a word says as a signed number, in decimal.
pub fn signed_text(word: U256) -> String {
    I256::from_raw(word).to_string()
}

/// What a word says as a signed number that fits `i32`.
pub fn signed(word: U256) -> Result<i32> {
    i32::try_from(I256::from_raw(word)).ok().with_context(|| format!("{word} is no small signed number"))
}

/// A call of the function with this signature: `transfer(address,uint256)`.
pub fn call(signature: &str, arguments: &[Argument]) -> Vec<u8> {
    let mut data = selector(signature).to_vec();
    data.extend(sequence(arguments));
    data
}

/// The first four bytes of a signature's hash.
pub fn selector(signature: &str) -> [u8; 4] {
    let hash = keccak256(signature);
    [hash[0], hash[1], hash[2], hash[3]]
}

/// Arguments one after the other: words in place, anything else as a reference to where it stands after them.
pub fn sequence(arguments: &[Argument]) -> Vec<u8> {
    let (mut head, mut tail) = (Vec::new(), Vec::new());
    for argument in arguments {
        if let Argument::Word(word) = argument {
            head.extend(word.to_be_bytes::<32>());
            continue;
        }
        head.extend(U256::from(32 * arguments.len() + tail.len()).to_be_bytes::<32>());
        match argument {
            Argument::Word(_) => {}
            Argument::Bytes(bytes) => {
                tail.extend(U256::from(bytes.len()).to_be_bytes::<32>());
                tail.extend(bytes);
                tail.resize(tail.len().next_multiple_of(32), 0);
            }
            Argument::List(list) => {
                tail.extend(U256::from(list.len()).to_be_bytes::<32>());
                tail.extend(sequence(list));
            }
        }
    }
    head.extend(tail);
    head
}

/// The words of an answer.
pub fn words(answer: &[u8]) -> Result<Vec<U256>> {
    ensure!(answer.len().is_multiple_of(32), "an answer of {} bytes is no sequence of words", answer.len());
    Ok(answer.chunks(32).map(U256::from_be_slice).collect())
}

/// The list that the word at `index` of an answer refers to.
pub fn list(answer: &[U256], index: usize) -> Result<&[U256]> {
    let place = |word: &U256| usize::try_from(*word).ok();
    let start = answer.get(index).and_then(place).map(|offset| offset / 32);
    let count = start.and_then(|start| answer.get(start)).and_then(place);
    let list = start.zip(count).and_then(|(start, count)| answer.get(start + 1..start + 1 + count));
    list.with_context(|| format!("word {index} of an answer refers to no list"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_a_selector_words_references_and_what_they_refer_to() {
        assert_eq!(selector("transfer(address,uint256)"), [0xa9, 0x05, 0x9c, 0xbb]);
        let data = call(
            "f(int24,bytes,uint256[])",
            &[Argument::from(-1), Argument::Bytes(b"abc".to_vec()), Argument::from([7_u64, 8].as_slice())],
        );
        let words = words(&data[4..]).unwrap();
        assert_eq!((words.len(), words[0], words[3]), (8, U256::MAX, U256::from(3)));
        assert_eq!((words[1], words[2]), (U256::from(96), U256::from(160)));
        assert_eq!(words[4].to_be_bytes::<32>()[..4], *b"abc\0");
        assert_eq!(list(&words, 2).unwrap(), [U256::from(7), U256::from(8)]);
        assert!(list(&words, 0).is_err());
    }

    #[test]
    fn signs() {
        for number in [0, 1, -1, i32::MAX, i32::MIN] {
            assert_eq!(signed(word_of(number)).unwrap(), number);
            assert_eq!(signed_text(word_of(number)), number.to_string());
        }
        assert!(signed(U256::from(1_u64 << 31)).is_err());
    }
}
