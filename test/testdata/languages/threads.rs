// Threads, channels, locks, atomics, a panic that is caught, and processes.
use std::collections::HashMap;
use std::panic;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{mpsc, Arc, Barrier, Mutex, RwLock};
use std::thread;
use std::time::Duration;

fn main() {
    let total = Arc::new(AtomicU64::new(0));
    let counts = Arc::new(Mutex::new(HashMap::new()));
    let table = Arc::new(RwLock::new(vec![0u64; 64]));
    let barrier = Arc::new(Barrier::new(4));
    let (tx, rx) = mpsc::sync_channel(2);
    let workers: Vec<_> = (0..4u64)
        .map(|n| {
            let (total, counts, table) = (total.clone(), counts.clone(), table.clone());
            let (barrier, tx) = (barrier.clone(), tx.clone());
            thread::spawn(move || {
                barrier.wait();
                for i in 0..5000u64 {
                    total.fetch_add(i * n, Ordering::Relaxed);
                    *counts.lock().unwrap().entry(i % 16).or_insert(0u64) += n;
                    if i % 100 == 0 {
                        table.write().unwrap()[(i / 100 + n) as usize % 64] += 1;
                        tx.send(n).unwrap();
                    }
                }
                thread::sleep(Duration::from_millis(n));
                n
            })
        })
        .collect();
    drop(tx);
    let received: u64 = rx.iter().sum();
    let joined: u64 = workers.into_iter().map(|w| w.join().unwrap()).sum();
    let counted: u64 = counts.lock().unwrap().values().sum();
    let written: u64 = table.read().unwrap().iter().sum();
    println!("{} {} {} {} {}", total.load(Ordering::SeqCst), received, joined, counted, written);

    panic::set_hook(Box::new(|_| {}));
    let caught = thread::spawn(|| panic!("on purpose")).join().is_err();
    let index = panic::catch_unwind(|| vec![1, 2, 3][std::env::args().count() + 7]).is_err();
    println!("caught {} {}", caught, index);

    let out = Command::new("echo").arg("from a child").output().unwrap();
    print!("{} {}", out.status, String::from_utf8_lossy(&out.stdout));
}
