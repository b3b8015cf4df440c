//! Put Block From URL, with a bearer token and with a user delegation SAS that this test signs itself.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::{Method, RequestBuilder};
use sha2::Sha256;

use crate::sky::{Sky, see};

const COMMIT: &str = "<BlockList><Latest>MDE=</Latest></BlockList>";

/// What a signature says, in the terms of the service.
#[derive(Clone, Copy)]
struct Grant {
    version: &'static str,
    resource: &'static str,
    permissions: &'static str,
    expiry: &'static str,
    protocol: &'static str,
    /// Where the canonical resource of the signature lies.
    signed_for: &'static str,
}

const READ: Grant = Grant {
    version: "2020-12-06",
    resource: "b",
    permissions: "r",
    expiry: "2026-11-23T08:00:00Z",
    protocol: "",
    signed_for: "/blob/stdev/models/src",
};

#[tokio::test]
async fn the_service_reads_the_source_with_a_bearer_token() {
    let sky = Sky::new().await;
    sky.cloud
        .blobs()
        .put("stdev", "models", "src", "0123456789");
    let source = format!("Bearer {}", sky.token("https://storage.azure.com"));
    let copy = from_url(&sky, &sky.url("/blob/stdev/models/src"));
    let copy = copy
        .header("x-ms-copy-source-authorization", source)
        .header("x-ms-source-range", "bytes=2-5");
    assert_eq!(see(copy).await.outcome(), "201");
    let commit = sky
        .blob(Method::PUT, "stprod/models/dst?comp=blocklist")
        .body(COMMIT);
    assert_eq!(see(commit).await.outcome(), "201");
    assert_eq!(
        sky.cloud.blobs().get("stprod", "models", "dst").unwrap(),
        "2345"
    );
    assert_eq!(sky.cloud.calls()["blob.readCopySource"], 1);
    assert!(!sky.cloud.calls().contains_key("blob.get"));
}

#[tokio::test]
async fn a_source_that_cannot_be_read_says_why() {
    let sky = Sky::new().await;
    sky.cloud
        .blobs()
        .put("stdev", "models", "src", "0123456789");
    let bearer = format!("Bearer {}", sky.token("https://storage.azure.com"));
    let copy = |name: &str| {
        let copy = from_url(&sky, &sky.url(&format!("/blob/stdev/models/{name}")));
        copy.header("x-ms-copy-source-authorization", &bearer)
    };
    let unauthorised = from_url(&sky, &sky.url("/blob/stdev/models/src"));
    let table = [
        (unauthorised, "403 CannotVerifyCopySource"),
        (copy("missing"), "404 CannotVerifyCopySource"),
        (
            copy("src").header("x-ms-source-if-match", "\"0x1\""),
            "412 SourceConditionNotMet",
        ),
        (
            copy("src").header("x-ms-source-range", "bytes=10-"),
            "416 InvalidRange",
        ),
        (
            copy("src").header("x-ms-source-content-md5", "AAAAAAAAAAAAAAAAAAAAAA=="),
            "400 Md5Mismatch",
        ),
        (
            copy("src").header("x-ms-source-content-md5", "eB5eJF1ptWaXm4bijSPyxw=="),
            "201",
        ),
    ];
    for (request, expected) in table {
        assert_eq!(see(request).await.outcome(), expected);
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one table of signatures")]
async fn a_signature_opens_what_it_says_and_nothing_else() {
    let sky = Sky::new().await;
    sky.cloud.blobs().put("stdev", "models", "src", "hello");
    sky.cloud
        .blobs()
        .put("stdev", "models", "dir/sub/file", "hello");
    let container = "/blob/stdev/models";
    let table = [
        (READ, "src", "200"),
        (
            Grant {
                version: "2018-11-09",
                ..READ
            },
            "src",
            "200",
        ),
        (
            Grant {
                version: "2020-02-10",
                ..READ
            },
            "src",
            "200",
        ),
        (
            Grant {
                version: "2025-07-05",
                ..READ
            },
            "src",
            "200",
        ),
        (
            Grant {
                version: "2026-04-06",
                ..READ
            },
            "src",
            "200",
        ),
        (
            Grant {
                resource: "c",
                signed_for: container,
                ..READ
            },
            "dir/sub/file",
            "200",
        ),
        (
            Grant {
                resource: "d",
                signed_for: "/blob/stdev/models/dir",
                ..READ
            },
            "dir/sub/file",
            "200",
        ),
        (
            Grant {
                resource: "d",
                signed_for: "/blob/stdev/models/dir",
                ..READ
            },
            "src",
            "403 AuthenticationFailed",
        ),
        (READ, "dir/sub/file", "403 AuthenticationFailed"),
        (
            Grant {
                permissions: "l",
                ..READ
            },
            "src",
            "403 AuthorizationPermissionMismatch",
        ),
        (
            Grant {
                protocol: "https",
                ..READ
            },
            "src",
            "403 AuthorizationProtocolMismatch",
        ),
        (
            Grant {
                protocol: "https,http",
                ..READ
            },
            "src",
            "200",
        ),
        (
            Grant {
                expiry: "2020-11-23T08:00:00Z",
                ..READ
            },
            "src",
            "403 AuthenticationFailed",
        ),
    ];
    for (grant, name, expected) in table {
        let url = sky.url(&format!(
            "/blob/stdev/models/{name}?{}",
            sas(&sky, grant).await
        ));
        let seen = see(sky.http.get(&url)).await;
        assert_eq!(seen.outcome(), expected, "{url}");
    }
}

#[tokio::test]
async fn a_signature_authorises_a_copy_but_no_write_and_no_new_key() {
    let sky = Sky::new().await;
    sky.cloud.blobs().put("stdev", "models", "src", "hello");
    let query = sas(&sky, READ).await;
    let source = sky.url(&format!("/blob/stdev/models/src?{query}"));
    assert_eq!(see(from_url(&sky, &source)).await.outcome(), "201");
    let write = sky
        .http
        .put(&source)
        .header("x-ms-blob-type", "BlockBlob")
        .body("x");
    assert_eq!(
        see(write).await.outcome(),
        "403 AuthorizationPermissionMismatch"
    );
    let key = sky.url(&format!(
        "/blob/stdev?restype=service&comp=userdelegationkey&{query}"
    ));
    assert_eq!(see(sky.http.post(key).body("x")).await.status.as_u16(), 403);
}

fn from_url(sky: &Sky, source: &str) -> RequestBuilder {
    sky.cloud
        .blobs()
        .put("stprod", "models", "there", "so that the container is");
    let copy = sky.blob(Method::PUT, "stprod/models/dst?comp=block&blockid=MDE%3D");
    copy.header("x-ms-copy-source", source)
        .header("content-length", "0")
}

/// The query of a user delegation SAS: the string to sign as Microsoft documents it for each version.
async fn sas(sky: &Sky, grant: Grant) -> String {
    let (start, expiry) = ("2026-11-23T06:00:00Z", "2026-11-24T06:00:00Z");
    let body = format!(
        "<?xml version=\"1.0\"?><KeyInfo><Start>{start}</Start><Expiry>{expiry}</Expiry></KeyInfo>"
    );
    let ask = sky
        .blob(
            Method::POST,
            "stdev/?restype=service&comp=userdelegationkey",
        )
        .body(body);
    let key = see(ask).await.body;
    let [oid, tid, skt, ske, sks, skv, value] = [
        "SignedOid",
        "SignedTid",
        "SignedStart",
        "SignedExpiry",
        "SignedService",
        "SignedVersion",
        "Value",
    ]
    .map(|name| {
        key.split_once(&format!("<{name}>"))
            .unwrap()
            .1
            .split('<')
            .next()
            .unwrap()
    });
    let Grant {
        version,
        resource,
        permissions,
        expiry,
        protocol,
        signed_for,
    } = grant;
    let mut lines = vec![
        permissions,
        "",
        expiry,
        signed_for,
        oid,
        tid,
        skt,
        ske,
        sks,
        skv,
    ];
    let blanks = |lines: &mut Vec<&str>, since, count| {
        let count = if version >= since { count } else { 0 };
        lines.extend(std::iter::repeat_n("", count));
    };
    blanks(&mut lines, "2020-02-10", 3);
    blanks(&mut lines, "2025-07-05", 2);
    lines.extend(["", protocol, version, resource, ""]);
    blanks(&mut lines, "2020-12-06", 1);
    blanks(&mut lines, "2026-04-06", 2);
    lines.extend(["", "", "", "", ""]);
    let mut mac = Hmac::<Sha256>::new_from_slice(&BASE64.decode(value).unwrap()).unwrap();
    mac.update(lines.join("\n").as_bytes());
    let signature = BASE64.encode(mac.finalize().into_bytes());
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs([
        ("sv", version),
        ("sr", resource),
        ("sp", permissions),
        ("se", expiry),
    ]);
    query.extend_pairs([
        ("skoid", oid),
        ("sktid", tid),
        ("skt", skt),
        ("ske", ske),
        ("sks", sks),
        ("skv", skv),
    ]);
    if resource == "d" {
        query.append_pair("sdd", "1");
    }
    if !protocol.is_empty() {
        query.append_pair("spr", protocol);
    }
    query.append_pair("sig", &signature).finish()
}
