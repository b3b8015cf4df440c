//! Of the chain: what is written is read, and nothing else.

use super::*;

fn journal() -> Vec<u8> {
    let mut chain = Chain::begin("m-1.r-0");
    let (mut bytes, _) = chain.extend(&["a", "b"], Timestamp::UNIX_EPOCH, "n1");
    bytes.extend(chain.extend(&["c"], Timestamp::UNIX_EPOCH, "n2").0);
    bytes
}

#[test]
fn what_is_written_is_read_back() {
    let (lines, chain) = Chain::read::<String>("m-1.r-0", &journal()).unwrap();
    assert_eq!(
        lines
            .iter()
            .map(|line| line.fact.as_str())
            .collect::<Vec<_>>(),
        ["a", "b", "c"]
    );
    assert_eq!(chain.len(), 3);
}

#[test]
fn a_journal_under_another_name_is_refused() {
    let error = Chain::read::<String>("m-2.r-0", &journal()).unwrap_err();
    assert!(
        matches!(error, CorruptJournal::BrokenChain { seq: 0 }),
        "{error}"
    );
}

fn refused(text: &[u8]) -> CorruptJournal {
    Chain::read::<String>("m-1.r-0", text).unwrap_err()
}

#[test]
fn every_flipped_byte_is_found_in_its_record() {
    let good = journal();
    let mut record = 0;
    for at in 0..good.len() {
        for mask in [1, 2, 3, 0x20, 0x40, 0x80, 0xff] {
            let mut bad = good.clone();
            bad[at] ^= mask;
            assert_eq!(refused(&bad).record(), record, "byte {at} ^ {mask}");
        }
        record += u64::from(good[at] == b'\n');
    }
}

#[test]
fn a_line_is_what_is_documented() {
    let text = String::from_utf8(journal()).unwrap();
    let line = text.lines().next().unwrap();
    insta::assert_snapshot!(line, @r#"{"format":4,"seq":0,"at":"1970-01-01T00:00:00Z","prev":"a3bbe1abb1ae302bbfe1720f61ca379e168f21b9d626e004e243278f5b0f3c36","append":"n1","fact":"a","hash":"6151619a135e55ea44b2e7c977a0083b27903bc7a5003d3e7595f53e9e11091b"}"#);
    let (body, _) = line.split_once(",\"hash\":\"").unwrap();
    assert!(line.ends_with(&format!("{}\"}}", Digest::of(body.as_bytes()))));
}

#[test]
fn a_newer_format_is_refused_by_name() {
    let text = String::from_utf8(journal())
        .unwrap()
        .replace("\"format\":4", "\"format\":5");
    insta::assert_snapshot!(refused(text.as_bytes()), @"record 0 has format 5, and this release reads up to 4; update Liftlock");
}

#[test]
fn a_newer_record_behind_older_ones_is_refused_by_name() {
    let mut text = journal();
    text.extend_from_slice(b"{\"format\":17,\"whatever\":[]}\n");
    insta::assert_snapshot!(refused(&text), @"record 3 has format 17, and this release reads up to 4; update Liftlock");
}

/// Lines as the release before wrote them.
fn older(chain: &mut Chain, facts: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for fact in facts {
        let (seq, at, prev) = (chain.next, Timestamp::UNIX_EPOCH, chain.prev.clone());
        let json = serde_json::to_vec(&Written {
            format: 1,
            seq,
            at,
            prev: &prev,
            append: "n0",
            fact,
        })
        .unwrap();
        chain.advance(Digest::of(&json), at, 1);
        bytes.extend(json);
        bytes.push(b'\n');
    }
    bytes
}

#[test]
fn a_journal_of_the_older_format_goes_on_in_todays_and_not_back() {
    let mut chain = Chain::begin("m-1.r-0");
    let mut bytes = older(&mut chain, &["a", "b"]);
    let (read, mut chain) = Chain::read::<String>("m-1.r-0", &bytes).unwrap();
    assert!(read.len() == 2 && !chain.is_sealed());
    bytes.extend(chain.extend(&["c"], Timestamp::UNIX_EPOCH, "n1").0);
    let (read, mut chain) = Chain::read::<String>("m-1.r-0", &bytes).unwrap();
    assert!(read.len() == 3 && chain.is_sealed());
    bytes.extend(older(&mut chain, &["d"]));
    insta::assert_snapshot!(refused(&bytes), @"record 3 has format 1, older than that of the one before it");
}

#[test]
fn a_line_of_the_older_format_with_a_checksum_is_none() {
    let text = String::from_utf8(journal())
        .unwrap()
        .replace("\"format\":4", "\"format\":1");
    let error = whole(&refused(text.as_bytes()));
    insta::assert_snapshot!(error, @"record 0 cannot be read: format 1 has no checksum");
}

fn whole(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(
        || error.to_string(),
        |source| format!("{error}: {}", whole(source)),
    )
}

#[test]
fn only_one_text_is_a_journal() {
    let good = String::from_utf8(journal()).unwrap();
    let line = good.lines().next().unwrap();
    let without_end = good.trim_end();
    let bad = [
        without_end.to_owned(),
        format!("{good}\n"),
        format!("\n{good}"),
        good.replacen('\n', "\n\n", 1),
        good.replace('\n', "\r\n"),
        format!(" {good}"),
        good.replacen("\"}\n", "\" }\n", 1),
        good.replacen("\"}\n", "\"} \n", 1),
        good.replacen(",\"hash\"", ", \"hash\"", 1),
        good.replacen("\"format\":4", "\"format\":04", 1),
        good.replacen("\"format\":4", "\"format\":0", 1),
        good.replacen("\"format\":4", "\"format\": 4", 1),
        format!("{}\n", line.to_uppercase()),
    ];
    for text in bad {
        assert!(
            Chain::read::<String>("m-1.r-0", text.as_bytes()).is_err(),
            "{text:?}"
        );
    }
    assert!(matches!(
        refused(without_end.as_bytes()),
        CorruptJournal::Cut { seq: 2 }
    ));
}

#[test]
fn what_no_format_has_is_refused_though_its_checksum_fits() {
    let json = |more: &str| {
        let prev = Chain::begin("m-1.r-0").prev;
        format!(
            "{{\"format\":3,\"seq\":0,\"at\":\"1970-01-01T00:00:00Z\",\"prev\":\"{prev}\",\"append\":\"n\",\"fact\":\"a\"{more}}}"
        )
    };
    let sealed = |json: String| [seal::close(json.into_bytes()).0, vec![b'\n']].concat();
    assert!(Chain::read::<String>("m-1.r-0", &sealed(json(""))).is_ok());
    for more in [",\"more\":1", ",\"fact\":\"b\"", ",\"hash\":null"] {
        let error = refused(&sealed(json(more)));
        assert!(
            matches!(error, CorruptJournal::Unreadable { .. }),
            "{error}"
        );
    }
}
