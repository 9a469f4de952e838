//! Private keys as text: PEM, OpenSSH, `OpenPGP`, `PuTTY`.

use super::{Place, Rule, is_base64, run};

pub(in super::super) const PEM: Rule = Rule {
    what: "a private key",
    words: &["PRIVATE KEY-----", "PRIVATE KEY BLOCK-----"],
    at: pem,
    of_settings: false,
};

pub(in super::super) const PUTTY: Rule = Rule {
    what: "a private key of PuTTY",
    words: &["PuTTY-User-Key-File-"],
    at: putty,
    of_settings: false,
};

/// So many characters of a key's first lines must be there: programs that read keys hold the words
/// before them, without a key.
const LEAST: usize = 40;

fn pem(place: &Place<'_>) -> Option<String> {
    let (_, kind) = place.before.rsplit_once("-----BEGIN ")?;
    let named = kind.len() <= 12 && kind.chars().all(|c| c.is_ascii_uppercase() || c == ' ');
    if !named {
        return None;
    }
    let mut body = String::new();
    let after = place.after.replace("\\n", "\n").replace("\\r", "");
    for line in after.lines() {
        let line = line.trim_matches(|c: char| {
            c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '+' | '\\')
        });
        // Headers of older forms: `Proc-Type: 4,ENCRYPTED`, `Version: GnuPG`.
        if line.is_empty() || line.contains(": ") {
            continue;
        }
        let part = run(line, is_base64);
        body.push_str(part);
        if body.len() >= LEAST
            || part.trim_end_matches('=').len() < line.trim_end_matches('=').len()
        {
            break;
        }
    }
    let mut kinds: Vec<char> = body.chars().collect();
    kinds.sort_unstable();
    kinds.dedup();
    let whole = body.len() >= LEAST && kinds.len() >= 12;
    whole.then(|| format!("-----BEGIN {kind}{}", place.word))
}

fn putty(place: &Place<'_>) -> Option<String> {
    let line = place.after.lines().next()?;
    let (_, kind) = line.split_once(": ")?;
    let keyed = kind.starts_with("ssh-") || kind.starts_with("ecdsa-");
    keyed.then(|| format!("{}{line}", place.word))
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    const BODY: &str = "MIIEowIBAAKCAQEAu1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gun";

    fn pem(kind: &str, end: &str) -> String {
        format!("x\n-----BEGIN {kind}PRIVATE KEY-----{end}{BODY}{end}-----END")
    }

    #[test]
    fn keys_are_known_in_each_form() {
        for text in [
            pem("", "\n"),
            pem("RSA ", "\r\n"),
            pem("OPENSSH ", "\n"),
            pem("ENCRYPTED ", "\\n"),
            pem(
                "RSA ",
                "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n",
            ),
            pem("EC ", "\n    "),
        ] {
            let said = found(&text);
            assert_eq!(said.len(), 1, "{text}");
            assert!(
                said[0].starts_with("a private key: -----BEGIN "),
                "{said:?}"
            );
            assert!(!said[0].contains("MII"), "{said:?}");
        }
        let block = pem("PGP ", "\n\n").replace("KEY-----", "KEY BLOCK-----");
        assert_eq!(found(&block).len(), 1);
        let putty = "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none";
        assert_eq!(found(putty).len(), 1);
    }

    #[test]
    fn public_keys_certificates_and_programs_that_read_keys_are_none() {
        for text in [
            format!("-----BEGIN PUBLIC KEY-----\n{BODY}\n"),
            format!("-----BEGIN CERTIFICATE-----\n{BODY}\n"),
            "-----BEGIN RSA PRIVATE KEY-----\0-----END RSA PRIVATE KEY-----\0%s: bad".to_owned(),
            "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----".to_owned(),
            format!("-----BEGIN PRIVATE KEY-----\n{}\n", "A".repeat(64)),
            "-----BEGIN OPENSSH PRIVATE KEY-----\n-----END OPENSSH PRIVATE KEY-----".to_owned(),
            format!("ANY PRIVATE KEY-----\n{BODY}"),
            "PuTTY-User-Key-File-%d: %s\n".to_owned(),
        ] {
            assert_eq!(found(&text), [""; 0], "{text}");
        }
    }
}
