//! Files of an image in the encodings that editors write.

use super::*;

#[test]
fn a_file_of_an_image_is_read_in_its_encoding() {
    let text = "\u{feff}DB_PASSWORD=Zk39fjq8vRt2\n";
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [text.as_bytes(), &wide] {
        let searched = Searched {
            files: vec![Held {
                path: "/app/.env".to_owned(),
                content: Blob {
                    total: bytes.len() as u64,
                    bytes: bytes.to_vec(),
                },
            }],
            ..clean()
        };
        let said = misses("true", &[], searched);
        assert_eq!(said.len(), 1, "{bytes:?}");
        assert!(said[0].starts_with("/app/.env:1: "), "{said:?}");
    }
}
