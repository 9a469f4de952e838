use std::io::Write as _;

use serde_json::json;

use super::*;
use crate::engine::scan::Bounds;
use crate::fact::search::Search;

/// A tar archive of these files; a text that begins with `->` is a link.
fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_ustar();
        if let Some(target) = content.strip_prefix(b"->") {
            header.set_entry_type(tar::EntryType::Symlink);
            header.set_size(0);
            let target = std::str::from_utf8(target).unwrap();
            tar.append_link(&mut header, name, target).unwrap();
        } else {
            header.set_size(content.len() as u64);
            tar.append_data(&mut header, name, *content).unwrap();
        }
    }
    tar.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn config() -> Vec<u8> {
    let history = json!([
        { "created_by": "ADD base" },
        { "created_by": "ENV A=b", "empty_layer": true },
        { "created_by": "RUN make" },
        { "created_by": "RUN rm" },
    ]);
    json!({ "history": history }).to_string().into_bytes()
}

fn layer(made_by: &str, paths: &[&str]) -> LayerPaths {
    LayerPaths {
        made_by: made_by.to_owned(),
        paths: paths.iter().map(|p| (*p).to_owned()).collect(),
        ..LayerPaths::default()
    }
}

fn layers(archive: &mut impl Read) -> io::Result<Vec<LayerPaths>> {
    super::layers(archive, None)
}

fn expected() -> [LayerPaths; 3] {
    [
        layer("ADD base", &["/etc/passwd"]),
        layer("RUN make", &["/var/list/a", "/var/list/b"]),
        layer("RUN rm", &[]),
    ]
}

fn parts() -> [Vec<u8>; 3] {
    [
        tar(&[("etc/passwd", b"x")]),
        tar(&[("./var/list/a", b"x"), ("var/list/b", b"")]),
        tar(&[("var/list/.wh..wh..opq", b""), ("var/.wh.list", b"")]),
    ]
}

#[test]
fn dockers_own_form_is_read_with_its_links() {
    let [base, make, rm] = parts();
    let manifest =
        json!([{ "Config": "c.json", "Layers": ["1/layer.tar", "2/layer.tar", "3/layer.tar"] }]);
    let manifest = manifest.to_string().into_bytes();
    let archive = tar(&[
        ("c.json", &config()),
        ("1/layer.tar", b"->../9/layer.tar"),
        ("2/VERSION", b"1.0"),
        ("2/layer.tar", &make),
        ("3/layer.tar", &rm),
        ("9/layer.tar", &base),
        ("manifest.json", &manifest),
    ]);
    assert_eq!(layers(&mut archive.as_slice()).unwrap(), expected());
}

#[test]
fn links_in_a_layer_say_where_they_lead() {
    let manifest = br#"[{ "Config": "c", "Layers": ["1/layer.tar"] }]"#;
    let base = tar(&[("bin", b"->usr/bin"), ("usr/bin/sh", b"->dash")]);
    let archive = tar(&[("1/layer.tar", &base), ("manifest.json", manifest)]);
    let read = layers(&mut archive.as_slice()).unwrap();
    assert_eq!(read[0].paths, ["/bin", "/usr/bin/sh"]);
    let link = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    assert_eq!(
        read[0].links,
        [link("/bin", "usr/bin"), link("/usr/bin/sh", "dash")]
    );
}

#[test]
fn an_oci_layout_is_read_with_compressed_layers() {
    let [base, make, rm] = parts();
    let digest = |n: &str| json!({ "digest": format!("sha256:{n}") });
    let bytes = |json: Json| json.to_string().into_bytes();
    let unknown = json!({ "digest": "sha256:u", "platform": { "os": "unknown" } });
    let index = bytes(json!({ "manifests": [unknown, digest("i")] }));
    let inner = bytes(json!({ "manifests": [digest("elsewhere"), digest("m")] }));
    let manifest =
        bytes(json!({ "config": digest("c"), "layers": [digest("1"), digest("2"), digest("3")] }));
    let archive = tar(&[
        ("oci-layout", b"{\"imageLayoutVersion\": \"1.0.0\"}"),
        ("index.json", &index),
        ("blobs/sha256/i", &inner),
        ("blobs/sha256/m", &manifest),
        ("blobs/sha256/c", &config()),
        ("blobs/sha256/1", &gzip(&base)),
        ("blobs/sha256/2", &gzip(&make)),
        ("blobs/sha256/3", &rm),
    ]);
    assert_eq!(layers(&mut archive.as_slice()).unwrap(), expected());
}

#[test]
fn files_of_each_layer_are_searched_and_not_what_the_layer_takes_away() {
    let manifest = br#"[{ "Config": "c", "Layers": ["1/layer.tar", "2/layer.tar"] }]"#;
    let base = tar(&[("app/key", b"a word"), ("proc/word", b"word")]);
    let rest = tar(&[
        ("app/.wh.key", b""),
        ("app/other", b"\nword word"),
        ("link", b"->word"),
        ("app/.wh..wh.plnk", b"word"),
    ]);
    let archive = tar(&[
        ("1/layer.tar", &base),
        ("2/layer.tar", &gzip(&rest)),
        ("manifest.json", manifest),
    ]);
    let search = Search {
        words: vec!["word".to_owned()],
        skip: vec!["/proc".to_owned()],
        ..Search::default()
    };
    let bounds = Bounds {
        file: 1 << 20,
        held: 0,
        all: 1 << 20,
    };
    let scan = Scan::new(&search, bounds).unwrap();
    let read = super::layers(&mut archive.as_slice(), Some(scan)).unwrap();
    let finds = |layer: &LayerPaths| -> Vec<(String, u64)> {
        let finds = layer.searched.finds.iter();
        finds.map(|find| (find.path.clone(), find.line)).collect()
    };
    assert_eq!(finds(&read[0]), [("/app/key".to_owned(), 1)]);
    let other = ("/app/other".to_owned(), 2);
    assert_eq!(finds(&read[1]), [other.clone(), other]);
    assert_eq!(read[1].paths, ["/app/other", "/link"]);
}

#[test]
fn what_cannot_be_read_is_an_error() {
    let said = |archive: &[u8]| layers(&mut &*archive).unwrap_err().to_string();
    assert!(said(&tar(&[])).contains("does not say which layers"));
    let manifest = br#"[{ "Config": "c", "Layers": ["1/layer.tar"] }]"#;
    assert!(said(&tar(&[("manifest.json", manifest)])).contains("1/layer.tar is not in it"));
    let zstd = [0x28, 0xb5, 0x2f, 0xfd, 0, 0];
    assert!(
        said(&tar(&[("blobs/sha256/1", &zstd)]))
            .contains("zstd, which is not read here: build it with gzip")
    );
    let [base, ..] = parts();
    let whole = tar(&[("1/layer.tar", &base), ("manifest.json", manifest)]);
    assert!(layers(&mut whole.as_slice()).is_ok());
    assert!(layers(&mut &whole[..700]).is_err());
}
