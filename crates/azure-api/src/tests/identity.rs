//! Tokens: asked for once, renewed early, kept per scope.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use super::server::{Counting, Says, Server, workspace};
use crate::{Error, ml::AuthMode};

const JOB: &str = r#"{"name":"run","properties":{"jobType":"Command","status":"Completed"}}"#;

#[tokio::test]
async fn many_calls_at_once_ask_for_one_token() {
    let server = Server::saying([Says::new(200, JOB)]).await;
    let identity = Arc::new(Counting::default());
    let ml = server.azure_as(identity.clone()).machine_learning();
    let id = workspace();
    let all = futures::future::join_all((0..20).map(|_| ml.job(&id, "run"))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(server.asked().len(), 20);
    assert_eq!(identity.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_token_about_to_expire_is_renewed() {
    let server = Server::saying([Says::new(200, JOB)]).await;
    let identity = Arc::new(Counting {
        lasts: Duration::from_mins(4),
        ..Counting::default()
    });
    let ml = server.azure_as(identity.clone()).machine_learning();
    for _ in 0..2 {
        ml.job(&workspace(), "run").await.unwrap();
    }
    assert_eq!(identity.asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn each_audience_has_its_own_token() {
    let endpoint = Says::new(200, r#"{"name":"e","properties":{"authMode":"AADToken"}}"#);
    let server = Server::saying([endpoint]).await;
    let identity = Arc::new(Counting::default());
    let ml = server.azure_as(identity.clone()).machine_learning();
    let endpoint = ml
        .online_endpoint(&workspace(), "e")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(endpoint.auth_mode, AuthMode::AadToken);
    let token = ml.scoring_token(&workspace(), &endpoint).await.unwrap();
    assert_eq!(identity.asked.load(Ordering::SeqCst), 2);
    assert_eq!(format!("{token:?}"), "ScoringToken");
}

#[tokio::test]
async fn what_the_identity_refuses_is_no_answer_of_the_service() {
    let server = Server::saying([Says::new(200, JOB)]).await;
    for (status, transient) in [(404, false), (400, false), (503, true)] {
        let identity = Counting {
            refuses: Some(status),
            ..Counting::default()
        };
        let azure = server.azure_as(Arc::new(identity));
        let job = azure
            .machine_learning()
            .job(&workspace(), "run")
            .await
            .unwrap_err();
        let blob = azure
            .blobs(server.url.clone())
            .container("c")
            .blob("b")
            .head()
            .await
            .unwrap_err();
        for error in [job, blob] {
            assert_eq!(error.is_transient(), transient, "{error}");
            assert_eq!(
                matches!(error, Error::Credential { .. }),
                !transient,
                "{error}"
            );
        }
    }
    assert!(server.asked().is_empty());
}
