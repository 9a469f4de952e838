//! The program inside the test's image: static, needs nothing.

use std::io::{Read as _, Write as _};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("exit") => std::process::exit(arguments[2].parse().unwrap()),
        Some("echo") => {
            let mut text = Vec::new();
            std::io::stdin().read_to_end(&mut text).unwrap();
            std::io::stdout().write_all(&text).unwrap();
            eprintln!("echoed {}", text.len());
        }
        Some("lines") => {
            for line in 0..arguments[2].parse::<usize>().unwrap() {
                println!("line {line}");
            }
        }
        Some("long") => println!("{}", "x".repeat(arguments[2].parse().unwrap())),
        Some("env") => println!("{}", std::env::var(&arguments[2]).unwrap_or_default()),
        _ => {
            println!("hello out");
            eprintln!("hello err");
            loop {
                std::thread::park();
            }
        }
    }
}
