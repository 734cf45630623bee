fn main() { let f = std::env::args().nth(1).unwrap(); let sets: Vec<String> = std::env::args().skip(2).collect(); let sets: Vec<&str> = sets.iter().map(|s| s.as_str()).collect();
 let s = match cenote_study::Study::load(std::path::Path::new(&f), &sets) { Ok(s) => s, Err(e) => { println!("{e}"); return; } };
 let r = s.run().unwrap(); println!("{:.3}s {} blocks", r.elapsed_seconds(), r.blocks());
 for (k, v) in r.summaries() { println!("{k:60} {:.6e} ± {:.2e}", v.mean.mean, v.mean.standard_error); } }
