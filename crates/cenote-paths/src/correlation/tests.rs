use super::*;

fn key(name: &str) -> StreamKey {
    StreamKey::new(42, name)
}

fn keys(size: usize) -> Vec<StreamKey> {
    (0..size).map(|i| key(&i.to_string())).collect()
}

/// L Lᵀ is the matrix.
#[track_caller]
fn assert_recomposes(matrix: &CorrelationMatrix, tolerance: f64) {
    let n = matrix.size;
    for i in 0..n {
        for j in 0..n {
            let product: f64 = (0..n).map(|k| matrix.factor[i * n + k] * matrix.factor[j * n + k]).sum();
            assert!((product - matrix.get(i, j)).abs() <= tolerance, "{i}, {j}: {product} for {}", matrix.get(i, j));
        }
    }
}

#[test]
fn factors_recompose() {
    for pairs in [
        vec![],
        vec![(0, 1, 0.7)],
        vec![(3, 0, 0.7), (1, 2, -0.999), (0, 1, 0.01)],
        vec![(0, 1, 0.5), (0, 2, 0.5), (0, 3, 0.5), (1, 2, 0.5), (1, 3, 0.5), (2, 3, 0.5)],
        // Singular: −1/3 is the least that four can have with one another.
        vec![
            (0, 1, -1.0 / 3.0),
            (0, 2, -1.0 / 3.0),
            (0, 3, -1.0 / 3.0),
            (1, 2, -1.0 / 3.0),
            (1, 3, -1.0 / 3.0),
            (2, 3, -1.0 / 3.0),
        ],
        // Singular, and another row follows.
        vec![(0, 1, 0.6), (0, 2, 0.8), (1, 2, 0.96), (0, 3, 0.1), (1, 3, 0.1), (2, 3, 0.11)],
        vec![(0, 2, 1.0), (0, 1, 0.3), (1, 2, 0.3), (0, 3, -1.0), (1, 3, -0.3), (2, 3, -1.0)],
    ] {
        assert_recomposes(&CorrelationMatrix::from_pairs(4, &pairs).unwrap(), 1e-12);
    }
}

#[test]
fn whoever_is_correlated_with_none_before_keeps_its_numbers() {
    let keys = keys(4);
    let streams = CorrelationMatrix::from_pairs(4, &[(0, 3, 0.5), (1, 3, 0.2)]).unwrap().streams(&keys);
    for i in 0..3 {
        assert_eq!(streams[i], keys[i].into());
    }
    assert_ne!(streams[3], keys[3].into());
    // More at the end changes nothing before.
    let fewer = CorrelationMatrix::from_pairs(3, &[(0, 1, 0.5), (1, 2, 0.2)]).unwrap().streams(&keys);
    let more = CorrelationMatrix::from_pairs(4, &[(0, 1, 0.5), (1, 2, 0.2), (3, 1, 0.4), (2, 3, -0.1)]).unwrap().streams(&keys);
    assert_eq!(fewer[..3], more[..3]);
    // A matrix of fewer prices is one of more, of which the last are not correlated.
    assert_eq!(fewer[3], keys[3].into());
}

#[test]
fn twins_have_the_same_normals() {
    let keys = keys(3);
    let pairs = [(0, 1, 0.6), (0, 2, -0.6), (1, 2, -1.0)];
    let matrix = CorrelationMatrix::from_pairs(3, &pairs).unwrap();
    assert_eq!(matrix.streams(&keys)[2], PriceStreams::mixed(keys[2], &[(keys[0], -0.6), (keys[1], -0.8)]));
    let twins = CorrelationMatrix::from_pairs(2, &[(0, 1, 1.0)]).unwrap();
    assert_eq!(twins.streams(&keys)[1], PriceStreams::mixed(keys[1], &[(keys[0], 1.0)]));
    // Twins that differ in what they are to a third.
    let error = CorrelationMatrix::from_pairs(3, &[(0, 1, 1.0), (0, 2, 0.5), (1, 2, 0.4)]).unwrap_err();
    assert!(matches!(error, PathError::Indefinite { .. }), "{error}");
}

#[test]
fn pairs_that_are_none_are_refused() {
    for (pairs, says) in [
        (&[(0, 3, 0.5)][..], "0 and 3: there are 3 prices"),
        (&[(1, 1, 0.5)], "1 and 1"),
        (&[(0, 1, 0.5), (1, 0, 0.5)], "1 and 0"),
        (&[(0, 1, 1.5)], "from -1 to 1: got 1.5"),
        (&[(0, 1, f64::NAN)], "got NaN"),
    ] {
        for error in [CorrelationMatrix::from_pairs(3, pairs).unwrap_err(), CorrelationMatrix::nearest(3, pairs).unwrap_err()] {
            assert!(error.to_string().contains(says), "{error}");
        }
    }
}

#[test]
fn what_cannot_be_is_refused_and_its_culprits_are_named() {
    // Prices 1 and 3 are innocent.
    let pairs = [(0, 2, 0.9), (2, 4, 0.9), (0, 4, -0.9), (1, 3, 0.5), (0, 1, 0.1)];
    let error = CorrelationMatrix::from_pairs(5, &pairs).unwrap_err();
    let text = error.to_string();
    let PathError::Indefinite { pairs, nearest } = error else { panic!("{text}") };
    assert_eq!(pairs, [(0, 2), (0, 4), (2, 4)]);
    assert!(text.contains("0,2, 0,4 and 2,4") && text.contains(&nearest.to_string()), "{text}");
    // What is offered is accepted as it is printed.
    let printed: Vec<_> = nearest.pairs().map(|(i, j, value)| (i, j, value.to_string().parse().unwrap())).collect();
    assert_eq!(CorrelationMatrix::from_pairs(5, &printed).unwrap(), nearest);
}

/// The example of Higham 2002, section 4: ones beside the diagonal, zeros elsewhere.
#[test]
fn the_nearest_is_highams() {
    let nearest = CorrelationMatrix::nearest(3, &[(0, 1, 1.0), (1, 2, 1.0)]).unwrap();
    assert!((nearest.get(0, 1) - 0.7607).abs() < 1e-4 && (nearest.get(0, 2) - 0.1573).abs() < 1e-4, "{nearest}");
    // One that is valid is its own nearest.
    let pairs = [(0, 1, 0.123_456_789), (1, 2, -0.5)];
    assert_eq!(CorrelationMatrix::nearest(3, &pairs).unwrap(), CorrelationMatrix::from_pairs(3, &pairs).unwrap());
}

/// Whatever is asked for, something valid comes back, and no valid matrix of the same kind is nearer.
#[test]
fn something_valid_is_always_near() {
    let mut stream = crate::Stream::new(key("nearest"), 0, 0);
    let distance = |a: &CorrelationMatrix, pairs: &[(usize, usize, f64)]| -> f64 {
        pairs.iter().map(|&(i, j, value)| (a.get(i, j) - value).powi(2)).sum()
    };
    for size in [2, 3, 5, 8] {
        for _ in 0..20 {
            let mut pairs = Vec::new();
            for i in 0..size {
                for j in 0..i {
                    pairs.push((i, j, 2.0 * stream.uniform() - 1.0));
                }
            }
            let nearest = CorrelationMatrix::nearest(size, &pairs).unwrap();
            // Halves of all correlations, a third of them, and so on down: the first that is valid.
            let shrunk = |by: f64| pairs.iter().map(|&(i, j, value)| (i, j, value * by)).collect::<Vec<_>>();
            let other =
                (0..=20).find_map(|k| CorrelationMatrix::from_pairs(size, &shrunk(1.0 - 0.05 * f64::from(k))).ok()).unwrap();
            assert!(distance(&nearest, &pairs) <= distance(&other, &pairs) + 1e-5);
        }
    }
}
