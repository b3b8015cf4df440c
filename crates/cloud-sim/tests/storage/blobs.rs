//! Single blobs: what is written is read, and conditions hold.

use reqwest::Method;

use crate::sky::{Sky, see};

#[tokio::test]
async fn a_put_blob_is_read_with_its_properties() {
    let sky = Sky::new().await;
    let put = see(sky
        .put("stdev/models/a/b%20c.txt", "hello")
        .header("x-ms-meta-stage", "dev"))
    .await;
    assert_eq!(put.outcome(), "201");
    let got = see(sky.get("stdev/models/a/b%20c.txt")).await;
    assert_eq!(got.body, "hello");
    assert_eq!(got.header("etag"), put.header("etag"));
    assert_eq!(got.header("content-md5"), "XUFAKrxLKna5cZ2REBfFkg==");
    assert_eq!(got.header("x-ms-meta-stage"), "dev");
    assert_eq!(got.header("last-modified"), "Mon, 23 Nov 2026 07:00:00 GMT");
    assert!(!got.header("x-ms-request-id").is_empty());
    assert_eq!(
        sky.cloud
            .blobs()
            .get("stdev", "models", "a/b c.txt")
            .unwrap(),
        "hello"
    );
}

#[tokio::test]
async fn a_head_tells_the_size_and_an_error_its_code() {
    let sky = Sky::new().await;
    see(sky.put("stdev/models/a", "hello")).await;
    let head = see(sky.blob(Method::HEAD, "stdev/models/a")).await;
    assert_eq!(
        (head.header("content-length"), head.header("x-ms-blob-type")),
        ("5", "BlockBlob")
    );
    let missing = see(sky.blob(Method::HEAD, "stdev/models/b")).await;
    assert_eq!(missing.outcome(), "404 BlobNotFound");
    let nowhere = see(sky.get("stdev/nowhere/b")).await;
    assert_eq!(nowhere.outcome(), "404 ContainerNotFound");
    assert!(
        nowhere.body.contains("<Code>ContainerNotFound</Code>"),
        "{}",
        nowhere.body
    );
}

#[tokio::test]
async fn conditions_answer_as_azure_does() {
    let sky = Sky::new().await;
    let first = see(sky.put("stdev/models/a", "one")).await;
    let now = see(sky.put("stdev/models/a", "two")).await;
    let (stale, fresh) = (first.header("etag"), now.header("etag"));
    let path = "stdev/models/a";
    let delete = || sky.blob(Method::DELETE, path);
    let table = [
        (
            sky.put(path, "x").header("if-none-match", "*"),
            "409 BlobAlreadyExists",
        ),
        (
            sky.put(path, "x").header("if-match", stale),
            "412 ConditionNotMet",
        ),
        (
            sky.put("stdev/models/b", "x").header("if-match", stale),
            "412 ConditionNotMet",
        ),
        (
            sky.get(path).header("if-match", stale),
            "412 ConditionNotMet",
        ),
        (
            sky.get(path).header("if-none-match", fresh),
            "304 ConditionNotMet",
        ),
        (sky.get(path).header("if-match", fresh), "200"),
        (
            sky.get(path).header("if-none-match", "*"),
            "400 UnsatisfiableCondition",
        ),
        (
            sky.blob(Method::PUT, &format!("{path}?comp=metadata"))
                .header("if-match", stale),
            "412 ConditionNotMet",
        ),
        (delete().header("if-match", stale), "412 ConditionNotMet"),
        (delete().header("if-match", fresh), "202"),
        (delete(), "404 BlobNotFound"),
        (sky.put(path, "x").header("if-none-match", "*"), "201"),
    ];
    for (request, expected) in table {
        let what = format!("{request:?}");
        assert_eq!(see(request).await.outcome(), expected, "{what}");
    }
}

#[tokio::test]
async fn a_range_is_part_of_the_blob() {
    let sky = Sky::new().await;
    see(sky.put("stdev/models/a", "0123456789")).await;
    let part = see(sky.get("stdev/models/a").header("x-ms-range", "bytes=2-4")).await;
    assert_eq!((part.status.as_u16(), part.body.as_str()), (206, "234"));
    assert_eq!(part.header("content-range"), "bytes 2-4/10");
    let tail = see(sky.get("stdev/models/a").header("range", "bytes=8-99")).await;
    assert_eq!(
        (tail.body.as_str(), tail.header("content-range")),
        ("89", "bytes 8-9/10")
    );
    let behind = see(sky.get("stdev/models/a").header("range", "bytes=10-")).await;
    assert_eq!(behind.outcome(), "416 InvalidRange");
}

#[tokio::test]
async fn checksums_of_the_body_are_checked() {
    let sky = Sky::new().await;
    let wrong = see(sky
        .put("stdev/models/a", "hello")
        .header("content-md5", "AAAAAAAAAAAAAAAAAAAAAA=="))
    .await;
    assert_eq!(wrong.outcome(), "400 Md5Mismatch");
    let wrong = see(sky
        .put("stdev/models/a", "hello")
        .header("x-ms-content-crc64", "AAAAAAAAAAA="))
    .await;
    assert_eq!(wrong.outcome(), "400 Crc64Mismatch");
    assert_eq!(
        see(sky.get("stdev/models/a")).await.outcome(),
        "404 BlobNotFound"
    );
}

#[tokio::test]
async fn an_append_blob_grows_only_where_the_client_thinks_it_ends() {
    let sky = Sky::new().await;
    let path = "stliftlock/journals/p.jsonl";
    sky.put_container("stliftlock/journals").await;
    let create = || {
        sky.blob(Method::PUT, path)
            .header("x-ms-blob-type", "AppendBlob")
            .header("content-length", "0")
    };
    let append = |body: &'static str, at: u64| {
        let request = sky.blob(Method::PUT, &format!("{path}?comp=appendblock"));
        request
            .header("x-ms-blob-condition-appendpos", at)
            .body(body)
    };
    assert_eq!(
        see(create().header("if-none-match", "*")).await.outcome(),
        "201"
    );
    assert_eq!(
        see(create().header("if-none-match", "*")).await.outcome(),
        "409 BlobAlreadyExists"
    );
    assert_eq!(
        see(append("one\n", 0))
            .await
            .header("x-ms-blob-append-offset"),
        "0"
    );
    assert_eq!(
        see(append("two\n", 0)).await.outcome(),
        "412 AppendPositionConditionNotMet"
    );
    assert_eq!(
        see(append("two\n", 4))
            .await
            .header("x-ms-blob-committed-block-count"),
        "2"
    );
    let big = append("three\n", 8).header("x-ms-blob-condition-maxsize", 10);
    assert_eq!(see(big).await.outcome(), "412 MaxBlobSizeConditionNotMet");
    assert_eq!(see(sky.get(path)).await.body, "one\ntwo\n");
    see(sky.put("stdev/models/a", "block")).await;
    let wrong = sky
        .blob(Method::PUT, "stdev/models/a?comp=appendblock")
        .body("x");
    assert_eq!(see(wrong).await.outcome(), "409 InvalidBlobType");
}

#[tokio::test]
async fn without_a_token_of_the_audience_nothing_opens() {
    let sky = Sky::new().await;
    let url = sky.url("/blob/stdev/models/a");
    let other = sky.token("https://management.azure.com");
    let past = sky.cloud.identity().token_until(
        "https://storage.azure.com",
        "2020-01-01T00:00:00Z".parse().unwrap(),
    );
    assert_eq!(
        see(sky.http.get(&url)).await.outcome(),
        "401 NoAuthenticationInformation"
    );
    for token in [other.as_str(), past.as_str(), "eyJ.e30.bad"] {
        let refused = see(sky.http.get(&url).bearer_auth(token)).await;
        assert_eq!(
            refused.outcome(),
            "401 InvalidAuthenticationInfo",
            "{token}"
        );
    }
}

#[tokio::test]
async fn a_container_has_a_proper_name_and_is_made_once() {
    let sky = Sky::new().await;
    for (name, expected) in [
        ("models", "409 ContainerAlreadyExists"),
        ("ab", "400 OutOfRangeInput"),
        ("Models", "400 InvalidResourceName"),
        ("a--b", "400 InvalidResourceName"),
        ("azureml-blobstore-1", "201"),
    ] {
        let create = sky.blob(Method::PUT, &format!("stdev/{name}?restype=container"));
        assert_eq!(see(create).await.outcome(), expected, "{name}");
    }
    let there = see(sky.get("stdev/models?restype=container")).await;
    assert_eq!(there.outcome(), "200");
}

#[tokio::test]
async fn what_is_not_built_says_so() {
    let sky = Sky::new().await;
    for (method, path) in [
        (Method::PUT, "stdev/models/a?comp=lease"),
        (Method::GET, "stdev?comp=list"),
        (Method::DELETE, "stdev/models?restype=container"),
    ] {
        let seen = see(sky.blob(method, path)).await;
        assert_eq!(seen.outcome(), "501 NotImplemented", "{path}");
    }
}
