//! The copy: which blocks are fetched how, what is gone on with, what is adopted.

use std::time::Duration;

use super::server::{Asked, Says, Server, TOKEN};
use crate::{
    Error,
    blob::{Blob, ETag, Metadata},
    copy::{Arrival, CopyJob, CopyProgress, SourceAuth, copy_file, source_refuses_bearer},
};

struct Files {
    source: Blob,
    destination: Blob,
    etag: ETag,
    metadata: Metadata,
}

impl Files {
    fn on(server: &Server) -> Files {
        let azure = server.azure();
        let blob = |account: &str| {
            azure
                .blobs(server.url.join(account).unwrap())
                .container("c")
                .blob("m/model.bin")
        };
        Files {
            source: blob("stdev"),
            destination: blob("stprod"),
            etag: ETag::new("0x5"),
            metadata: [("manifest".to_owned(), "d1".to_owned())].into(),
        }
    }

    fn job(&self, size: u64) -> CopyJob<'_> {
        CopyJob {
            source: &self.source,
            source_etag: &self.etag,
            size,
            auth: SourceAuth::Bearer,
            destination: &self.destination,
            metadata: &self.metadata,
            block_bytes: 10,
        }
    }
}

fn absent() -> Says {
    Says::new(404, "").header("x-ms-error-code", "BlobNotFound")
}

fn blocks(listed: &[(String, u64)]) -> Says {
    let block =
        |(id, size): &(String, u64)| format!("<Block><Name>{id}</Name><Size>{size}</Size></Block>");
    let listed: String = listed.iter().map(block).collect();
    let body = format!(
        "<?xml version=\"1.0\"?><BlockList><CommittedBlocks/><UncommittedBlocks>{listed}</UncommittedBlocks></BlockList>"
    );
    Says::new(200, body).header("content-type", "application/xml")
}

fn there(size: usize, manifest: &str) -> Says {
    Says::new(200, "x".repeat(size))
        .header("etag", "\"0x9\"")
        .header("x-ms-blob-type", "BlockBlob")
        .header("x-ms-meta-manifest", manifest)
}

fn staged() -> Says {
    Says::new(201, "")
}

fn committed() -> Says {
    Says::new(201, "").header("etag", "\"0x9\"")
}

fn block_ids(asked: &[Asked]) -> Vec<String> {
    let id = |asked: &Asked| {
        let url = url::Url::parse(&format!("http://x{}", asked.target)).unwrap();
        url.query_pairs()
            .find(|(name, _)| name == "blockid")
            .map(|(_, id)| id.into_owned())
    };
    asked.iter().filter_map(id).collect()
}

#[tokio::test]
async fn a_file_is_fetched_in_pinned_blocks_and_committed_once() {
    let server = Server::saying([
        absent(),
        absent(),
        staged(),
        staged(),
        staged(),
        committed(),
    ])
    .await;
    let files = Files::on(&server);
    let done = copy_file(&files.job(25), Duration::from_secs(5))
        .await
        .unwrap();
    assert_eq!(
        done,
        CopyProgress::Done {
            etag: ETag::new("0x9"),
            how: Arrival::Committed
        }
    );
    let asked = server.asked();
    let mut ranges: Vec<_> = asked
        .iter()
        .filter_map(|asked| asked.header("x-ms-source-range"))
        .collect();
    ranges.sort_unstable();
    assert_eq!(ranges, ["bytes=0-9", "bytes=10-19", "bytes=20-24"]);
    let stage = &asked[2];
    assert_eq!(
        stage.header("x-ms-copy-source"),
        Some(format!("{}stdev/c/m/model.bin", server.url).as_str())
    );
    assert_eq!(
        stage.header("x-ms-copy-source-authorization"),
        Some(format!("Bearer {TOKEN}").as_str())
    );
    assert_eq!(stage.header("x-ms-source-if-match"), Some("\"0x5\""));
    let commit = &asked[5];
    assert_eq!(commit.header("if-none-match"), Some("*"));
    assert_eq!(commit.header("x-ms-meta-manifest"), Some("d1"));
    assert_eq!(commit.body.matches("<Uncommitted>").count(), 3);
}

#[tokio::test]
async fn a_spent_budget_comes_back_and_goes_on_where_it_was() {
    let slow = || staged().after(Duration::from_millis(30));
    let server = Server::saying([absent(), absent(), slow()]).await;
    let files = Files::on(&server);
    let more = copy_file(&files.job(25), Duration::ZERO).await.unwrap();
    assert_eq!(more, CopyProgress::More { bytes: 10 });
    let id = block_ids(&server.asked()).pop().unwrap();
    let server = Server::saying([
        absent(),
        blocks(&[(id.clone(), 10)]),
        staged(),
        staged(),
        committed(),
    ])
    .await;
    // The same place as before: ids depend on it, not on the port it is reached by.
    let again = Files {
        source: files.source.clone(),
        ..Files::on(&server)
    };
    let done = copy_file(&again.job(25), Duration::from_secs(5))
        .await
        .unwrap();
    assert!(matches!(done, CopyProgress::Done { .. }));
    let fetched = block_ids(&server.asked());
    assert_eq!(fetched.len(), 2);
    assert!(!fetched.contains(&id));
}

#[tokio::test]
async fn an_empty_file_is_an_empty_list() {
    let server = Server::saying([absent(), absent(), committed()]).await;
    let done = copy_file(&Files::on(&server).job(0), Duration::from_secs(5))
        .await
        .unwrap();
    assert!(matches!(
        done,
        CopyProgress::Done {
            how: Arrival::Committed,
            ..
        }
    ));
    assert!(!server.asked()[2].body.contains("<Uncommitted>"));
}

#[tokio::test]
async fn what_is_there_is_adopted_only_if_it_is_this_copy() {
    let adopted = CopyProgress::Done {
        etag: ETag::new("0x9"),
        how: Arrival::Adopted,
    };
    let server = Server::saying([there(25, "d1")]).await;
    let files = Files::on(&server);
    assert_eq!(
        copy_file(&files.job(25), Duration::ZERO).await.unwrap(),
        adopted
    );
    for other in [there(24, "d1"), there(25, "d2")] {
        let server = Server::saying([other]).await;
        let refused = copy_file(&Files::on(&server).job(25), Duration::ZERO)
            .await
            .unwrap_err();
        assert!(matches!(refused, Error::Conflict(_)), "{refused}");
    }
    let lost = Says::new(409, "").header("x-ms-error-code", "BlobAlreadyExists");
    let server = Server::saying([absent(), absent(), staged(), lost, there(5, "d1")]).await;
    assert_eq!(
        copy_file(&Files::on(&server).job(5), Duration::ZERO)
            .await
            .unwrap(),
        adopted
    );
}

#[tokio::test]
async fn a_changed_source_and_a_refused_token_are_told_apart() {
    let changed = Says::new(412, "").header("x-ms-error-code", "SourceConditionNotMet");
    let server = Server::saying([absent(), absent(), changed]).await;
    let error = copy_file(&Files::on(&server).job(5), Duration::ZERO)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::PreconditionFailed(_)) && !source_refuses_bearer(&error));
    let refused = Says::new(403, "").header("x-ms-error-code", "CannotVerifyCopySource");
    let server = Server::saying([absent(), absent(), refused]).await;
    let error = copy_file(&Files::on(&server).job(5), Duration::ZERO)
        .await
        .unwrap_err();
    assert!(source_refuses_bearer(&error));
}
