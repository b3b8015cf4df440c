//! Lists: of blobs, page by page, and of blocks.

use reqwest::Method;

use crate::sky::{Sky, see};

#[tokio::test]
async fn a_listing_is_paged_by_marker_and_folds_folders() {
    let sky = Sky::new().await;
    for name in ["m/1/MLmodel", "m/1/data/a", "m/1/data/b", "m/1/z", "n"] {
        sky.cloud.blobs().put("stdev", "models", name, "x");
    }
    let list = "stdev/models?restype=container&comp=list&prefix=m/1/&delimiter=/&maxresults=2";
    let first = see(sky.get(list)).await.body;
    assert_eq!(texts(&first, "Name"), ["m/1/MLmodel", "m/1/data/"]);
    assert!(
        first.contains("<BlobPrefix><Name>m/1/data/</Name></BlobPrefix>"),
        "{first}"
    );
    let marker = texts(&first, "NextMarker").concat();
    let second = see(sky.get(&format!("{list}&marker={marker}"))).await.body;
    assert_eq!(texts(&second, "Name"), ["m/1/z"]);
    assert!(second.contains("<NextMarker />"), "{second}");
}

#[tokio::test]
async fn pages_of_one_show_every_name_once() {
    let sky = Sky::new().await;
    let names = ["a", "a/b", "a0", "b/c", "b/d", "c&<d>"];
    for name in names {
        sky.cloud.blobs().put("stdev", "models", name, "x");
    }
    let (mut found, mut marker) = (Vec::new(), String::new());
    loop {
        let list = "stdev/models?restype=container&comp=list&maxresults=1";
        let page = see(sky.get(&format!("{list}&marker={marker}"))).await.body;
        found.extend(texts(&page, "Name").into_iter().map(str::to_owned));
        marker = texts(&page, "NextMarker").concat();
        if marker.is_empty() {
            break;
        }
    }
    assert_eq!(found, ["a", "a/b", "a0", "b/c", "b/d", "c&amp;&lt;d&gt;"]);
}

#[tokio::test]
async fn a_listing_shows_metadata_when_asked() {
    let sky = Sky::new().await;
    see(sky
        .put("stdev/models/a", "hello")
        .header("x-ms-meta-due", "2026-11-23T07:00:00Z"))
    .await;
    let list = "stdev/models?restype=container&comp=list";
    let plain = see(sky.get(list)).await.body;
    let full = see(sky.get(&format!("{list}&include=metadata"))).await.body;
    assert!(!plain.contains("due"), "{plain}");
    assert!(
        full.contains("<Metadata><due>2026-11-23T07:00:00Z</due></Metadata>"),
        "{full}"
    );
    assert_eq!(texts(&full, "Content-MD5"), ["XUFAKrxLKna5cZ2REBfFkg=="]);
    let etag = texts(&full, "Etag").concat();
    assert_eq!(
        see(sky.get("stdev/models/a")).await.header("etag"),
        format!("\"{etag}\"")
    );
}

#[tokio::test]
async fn blocks_are_staged_seen_and_committed() {
    let sky = Sky::new().await;
    for (id, body) in [("MDE=", "one"), ("MDI=", "two"), ("MDM=", "unused")] {
        let put = sky
            .blob(
                Method::PUT,
                &format!("stdev/models/a?comp=block&blockid={id}"),
            )
            .body(body);
        assert_eq!(see(put).await.outcome(), "201");
    }
    let lists = "stdev/models/a?comp=blocklist&blocklisttype=all";
    assert_eq!(
        texts(&see(sky.get(lists)).await.body, "Name"),
        ["MDE=", "MDI=", "MDM="]
    );
    assert_eq!(
        see(sky.get("stdev/models/a")).await.outcome(),
        "404 BlobNotFound"
    );

    let commit = |body| {
        sky.blob(Method::PUT, "stdev/models/a?comp=blocklist")
            .header("if-none-match", "*")
            .body(body)
    };
    let unknown = "<BlockList><Latest>OTk=</Latest></BlockList>";
    assert_eq!(see(commit(unknown)).await.outcome(), "400 InvalidBlockList");
    let list = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<BlockList>\n <Latest>MDI=</Latest>\
                <Uncommitted>MDE=</Uncommitted></BlockList>";
    assert_eq!(see(commit(list)).await.outcome(), "201");
    assert_eq!(see(commit(list)).await.outcome(), "409 BlobAlreadyExists");

    let got = see(sky.get("stdev/models/a")).await;
    assert_eq!(
        (got.body.as_str(), got.header("content-md5")),
        ("twoone", "")
    );
    assert_eq!(
        texts(&see(sky.get(lists)).await.body, "Name"),
        ["MDI=", "MDE="]
    );
}

#[tokio::test]
async fn an_empty_block_list_makes_an_empty_blob() {
    let sky = Sky::new().await;
    for (name, list) in [
        ("a", "<BlockList></BlockList>"),
        ("b", "<BlockList />"),
        ("c", "<BlockList/>"),
    ] {
        let commit = sky.blob(Method::PUT, &format!("stdev/models/{name}?comp=blocklist"));
        let commit = commit
            .header("x-ms-blob-content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==")
            .body(list);
        assert_eq!(see(commit).await.outcome(), "201");
        let got = see(sky.get(&format!("stdev/models/{name}"))).await;
        assert_eq!(
            (got.header("content-length"), got.header("content-md5")),
            ("0", "1B2M2Y8AsgTpgAmY7PhCfg==")
        );
    }
}

#[tokio::test]
async fn what_is_not_a_block_list_is_refused() {
    let sky = Sky::new().await;
    for body in [
        "",
        "<BlockList>",
        "<BlockList><Odd>MDE=</Odd></BlockList>",
        "<List></List>",
    ] {
        let commit = sky
            .blob(Method::PUT, "stdev/models/a?comp=blocklist")
            .body(body);
        assert_eq!(
            see(commit).await.outcome(),
            "400 InvalidXmlDocument",
            "{body}"
        );
    }
    let odd = sky
        .blob(Method::PUT, "stdev/models/a?comp=block&blockid=not-base64")
        .body("x");
    assert_eq!(see(odd).await.outcome(), "400 InvalidQueryParameterValue");
}

/// The texts of all elements of a name, in order.
fn texts<'a>(document: &'a str, name: &str) -> Vec<&'a str> {
    let open = format!("<{name}>");
    let parts = document.split(open.as_str()).skip(1);
    parts.map(|part| part.split('<').next().unwrap()).collect()
}
