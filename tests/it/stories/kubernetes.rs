//! Endpoints of a Kubernetes cluster: the same way to production, and no way onto an endpoint that is somewhere else.

use promotion::PromotionId;

use super::{Setup, Tester, Who};

/// A better model, whose promotion has failed before anybody was asked.
async fn failed(t: &Tester) -> (PromotionId, String) {
    let id = t.register_model(cloud_sim::ModelKind::Challenger).await;
    t.wait_until(&id, "failed").await;
    t.until("a card says so", async || !t.cards().is_empty())
        .await;
    let cards = t.cards().join(" ");
    assert!(t.questions(&id).is_empty(), "{cards}");
    (id, cards)
}

#[tokio::test]
async fn an_endpoint_and_a_deployment_are_made_on_the_cluster() {
    let setup = Setup::default()
        .onto_new_endpoint("diabetes-first")
        .on_kubernetes();
    setup
        .story(async |t| {
            let id = t.asked().await;
            let page = t
                .see(Who::Ada, &format!("/api/board/promotions/{id}"))
                .await;
            assert!(
                page.text.contains("on the Kubernetes compute aks-prod"),
                "{}",
                page.text
            );
            t.approve_as(Who::Ada, &id).await.taken();
            t.wait_until(&id, "live").await;
            let prod = t
                .cloud
                .view()
                .workspaces
                .into_iter()
                .find(|w| w.name == "ml-prod");
            let mut endpoints = prod.unwrap().endpoints.into_iter();
            let made = endpoints.find(|e| e.name == "diabetes-first").unwrap();
            assert!(made.compute.unwrap().ends_with("/computes/aks-prod"));
            let [deployment] = made.deployments.as_slice() else {
                panic!("{:?}", made.deployments)
            };
            assert_eq!((deployment.weight, deployment.instances), (100, 2));
            assert_eq!(deployment.compute_type, "Kubernetes");
            assert_eq!(deployment.instance_type, "cpu-small");
        })
        .await;
}

#[tokio::test]
async fn an_endpoint_that_is_managed_is_none_of_the_clusters() {
    Setup::default()
        .on_kubernetes()
        .story(async |t| {
            let (_, cards) = failed(t).await;
            assert!(
                cards.contains("is there already and is a managed one"),
                "{cards}"
            );
            assert_eq!(t.deployments(), [("diabetes:1".to_owned(), 100)]);
        })
        .await;
}

#[tokio::test]
async fn an_endpoint_of_the_cluster_is_no_managed_one() {
    let setup = Setup::default().onto_new_endpoint("diabetes-kubernetes");
    setup
        .story(async |t| {
            t.cloud.serve_on_kubernetes().unwrap();
            let (_, cards) = failed(t).await;
            assert!(
                cards.contains("its file says that it is a managed one"),
                "{cards}"
            );
            assert_eq!(t.serving(), ["diabetes:1 100", "diabetes:1 100"]);
        })
        .await;
}
