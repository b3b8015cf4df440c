//! Blobs: what is asked under which condition, and how absence, lists and signatures read.

use bytes::Bytes;

use super::server::{Says, Server, TOKEN};
use crate::{
    Error, Url,
    blob::{Blob, Condition, Creation, Deletion, ETag, Metadata},
};

fn error(status: u16, code: &str) -> Says {
    let body =
        format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>m</Message></Error>");
    Says::new(status, body)
        .header("x-ms-error-code", code)
        .header("content-type", "application/xml")
}

fn blob(server: &Server) -> Blob {
    server
        .azure()
        .blobs(server.url.join("blob/stdev").unwrap())
        .container("c")
        .blob("a/b c.json")
}

fn metadata() -> Metadata {
    [("stage".to_owned(), "gating".to_owned())].into()
}

#[tokio::test]
async fn a_put_carries_its_condition_and_metadata() {
    let server = Server::saying([Says::new(201, "").header("etag", "\"0x1\"")]).await;
    let etag = blob(&server)
        .put(Bytes::from("{}"), Condition::IfNoneMatchAny, &metadata())
        .await
        .unwrap();
    assert_eq!(etag.as_str(), "\"0x1\"");
    let asked = &server.asked()[0];
    assert_eq!(
        (asked.method.as_str(), asked.target.as_str()),
        ("PUT", "/blob/stdev/c/a/b%20c.json")
    );
    assert_eq!(asked.header("if-none-match"), Some("*"));
    assert_eq!(asked.header("x-ms-meta-stage"), Some("gating"));
    assert_eq!(asked.header("x-ms-blob-type"), Some("BlockBlob"));
    assert_eq!(
        asked.header("authorization"),
        Some(format!("Bearer {TOKEN}").as_str())
    );
    assert_eq!(asked.body, "{}");
    blob(&server)
        .put(Bytes::from("{}"), Condition::IfMatch(&etag), &metadata())
        .await
        .unwrap();
    assert_eq!(server.asked()[1].header("if-match"), Some("\"0x1\""));
}

#[tokio::test]
async fn a_condition_that_does_not_hold_is_its_own_error() {
    let server = Server::saying([error(409, "BlobAlreadyExists")]).await;
    let there = blob(&server).create_append(&metadata()).await.unwrap_err();
    assert!(
        matches!(&there, Error::Conflict(answer) if answer.code == "BlobAlreadyExists"),
        "{there}"
    );
    assert_eq!(server.asked()[0].header("if-none-match"), Some("*"));
    let server = Server::saying([error(412, "AppendPositionConditionNotMet")]).await;
    let moved = blob(&server).append(Bytes::from("x"), 7).await.unwrap_err();
    assert!(matches!(moved, Error::PreconditionFailed(_)), "{moved}");
    assert_eq!(
        server.asked()[0].header("x-ms-blob-condition-appendpos"),
        Some("7")
    );
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_blob_is_read_whole_with_its_version() {
    let says = Says::new(206, "hello")
        .header("etag", "\"0x2\"")
        .header("content-range", "bytes 0-4/5")
        .header("x-ms-meta-stage", "gating");
    let server = Server::saying([says]).await;
    let etag = ETag::new("0x2");
    let content = blob(&server).get(Some(&etag), 100).await.unwrap().unwrap();
    assert_eq!(
        (content.bytes.as_ref(), content.size),
        (b"hello".as_slice(), 5)
    );
    assert_eq!((content.etag, content.metadata), (etag, metadata()));
    let asked = &server.asked()[0];
    assert_eq!(asked.header("if-match"), Some("\"0x2\""));
    assert_eq!(server.asked().len(), 1, "one request for a small blob");
    let long = blob(&server).get(None, 4).await.unwrap_err();
    assert!(matches!(long, Error::Malformed { .. }), "{long}");
}

#[tokio::test]
async fn an_empty_blob_reads_as_nothing() {
    let empty = Says::new(200, "").header("etag", "\"0x2\"");
    let invalid = || error(416, "InvalidRange").header("content-range", "bytes */0");
    let server = Server::saying([invalid(), empty]).await;
    let content = blob(&server).get(None, 100).await.unwrap().unwrap();
    assert_eq!((content.bytes.len(), content.size), (0, 0));
}

#[tokio::test]
async fn a_missing_blob_is_none_and_a_missing_container_an_error() {
    let server = Server::saying([error(404, "BlobNotFound")]).await;
    assert_eq!(blob(&server).get(None, 1).await.unwrap(), None);
    assert_eq!(blob(&server).head().await.unwrap(), None);
    assert_eq!(blob(&server).delete(None).await.unwrap(), Deletion::Absent);
    assert_eq!(blob(&server).uncommitted_blocks().await.unwrap(), []);
    let server = Server::saying([error(404, "ContainerNotFound")]).await;
    assert!(matches!(
        blob(&server).get(None, 1).await,
        Err(Error::NotFound(_))
    ));
}

#[tokio::test]
async fn a_container_that_is_there_is_fine() {
    let server = Server::saying([error(409, "ContainerAlreadyExists"), Says::new(201, "")]).await;
    let container = server
        .azure()
        .blobs(server.url.join("stdev").unwrap())
        .container("state");
    assert_eq!(
        container.create_if_absent().await.unwrap(),
        Creation::AlreadyThere
    );
    assert_eq!(
        container.create_if_absent().await.unwrap(),
        Creation::Created
    );
    assert_eq!(server.asked()[0].target, "/stdev/state?restype=container");
}

fn page(name: &str, marker: &str) -> Says {
    Says::new(200, format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults ServiceEndpoint=\"http://x/\" ContainerName=\"c\">\
         <Blobs><Blob><Name>{name}</Name><Properties><Last-Modified>Mon, 23 Nov 2026 07:00:00 GMT</Last-Modified>\
         <Etag>0x1</Etag><Content-Length>5</Content-Length><Content-MD5>XUFAKrxLKna5cZ2REBfFkg==</Content-MD5>\
         <BlobType>BlockBlob</BlobType></Properties><Metadata><stage>gating</stage></Metadata></Blob></Blobs>\
         <NextMarker>{marker}</NextMarker></EnumerationResults>"
    )).header("content-type", "application/xml")
}

#[tokio::test]
async fn a_list_is_read_to_its_end_with_metadata() {
    let server = Server::saying([page("open/a", "m1"), page("open/b", "")]).await;
    let container = server
        .azure()
        .blobs(server.url.join("stdev?sv=1&sig=c2VjcmV0").unwrap())
        .container("state");
    let items = container.list("open/").await.unwrap();
    let names: Vec<_> = items.iter().map(|item| item.name.as_str()).collect();
    assert_eq!(names, ["open/a", "open/b"]);
    let first = &items[0];
    assert_eq!(
        (first.size, first.etag.as_str(), &first.metadata),
        (5, "\"0x1\"", &metadata())
    );
    assert_eq!(first.md5.as_deref(), Some("XUFAKrxLKna5cZ2REBfFkg=="));
    assert_eq!(
        first.last_modified,
        Some("2026-11-23T07:00:00Z".parse().unwrap())
    );
    let asked = server.asked();
    assert!(
        asked
            .iter()
            .all(|asked| asked.target.contains("sig=c2VjcmV0")
                && asked.header("authorization").is_none())
    );
    assert!(asked[1].target.contains("marker=m1"));
    assert!(!format!("{container:?}").contains("sig"));
}

#[tokio::test]
async fn a_key_signs_without_being_shown() {
    let key = "<?xml version=\"1.0\"?><UserDelegationKey><SignedOid>o</SignedOid><SignedTid>t</SignedTid>\
               <SignedStart>2026-11-23T06:00:00Z</SignedStart><SignedExpiry>2099-11-23T12:00:00Z</SignedExpiry>\
               <SignedService>b</SignedService><SignedVersion>2022-11-02</SignedVersion><Value>a2V5</Value></UserDelegationKey>";
    let server =
        Server::saying([Says::new(200, key).header("content-type", "application/xml")]).await;
    let account = server.azure().blobs(server.url.join("blob/stdev").unwrap());
    let one = account
        .container("c")
        .blob("a")
        .url_to_read()
        .await
        .unwrap();
    let other = account
        .container("c")
        .blob("b")
        .url_to_read()
        .await
        .unwrap();
    assert_eq!(server.asked().len(), 1, "one key for many files");
    assert_ne!(signature(&one), signature(&other));
    let key = account
        .user_delegation_key(jiff::Timestamp::UNIX_EPOCH, jiff::Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    assert!(!format!("{key:?}").contains("key: "), "{key:?}");
}

fn signature(url: &Url) -> String {
    url.query_pairs()
        .find(|(name, _)| name == "sig")
        .unwrap()
        .1
        .into_owned()
}

#[tokio::test]
async fn metadata_that_no_header_can_hold_is_not_sent() {
    let server = Server::start().await;
    for (name, value) in [("a-b", "x"), ("", "x"), ("a", "ü"), ("a", "x\r\ny")] {
        let metadata: Metadata = [(name.to_owned(), value.to_owned())].into();
        let refused = blob(&server).create_append(&metadata).await.unwrap_err();
        assert!(matches!(refused, Error::Refused { .. }), "{refused}");
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_signature_does_not_go_over_open_http() {
    let azure = Server::start().await.azure();
    let account = azure.blobs(Url::parse("http://10.255.255.1/stdev?sv=1&sig=c2VjcmV0").unwrap());
    let refused = account.container("c").list("").await.unwrap_err();
    assert!(matches!(refused, Error::Refused { .. }), "{refused}");
}
