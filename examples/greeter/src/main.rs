//! A service that greets whoever asks.

use std::env;
use std::io::{BufRead, BufReader, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() -> Result<()> {
    let name = env::var("GREETED").unwrap_or_else(|_| "world".to_owned());
    let listener = TcpListener::bind("0.0.0.0:8080")?;
    println!("listens on 8080");
    for stream in listener.incoming() {
        let (stream, name) = (stream?, name.clone());
        thread::spawn(move || answer(stream, &name));
    }
    Ok(())
}

fn answer(mut stream: TcpStream, name: &str) -> Result<()> {
    let lines = BufReader::new(stream.try_clone()?).lines();
    // To the empty line: a connection that is closed with something unread is reset.
    let head: Vec<String> = lines
        .map_while(|line| line.ok().filter(|line| !line.is_empty()))
        .collect();
    let path = head.first().and_then(|line| line.split(' ').nth(1));
    let (status, body) = match path {
        Some("/") => ("200 OK", format!("hello {name}\n")),
        Some("/health") => ("200 OK", "{\"status\":\"ok\"}".to_owned()),
        _ => ("404 Not Found", String::new()),
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}
