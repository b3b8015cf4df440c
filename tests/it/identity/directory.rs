//! What the directory says of people who bring no token: those who click in Teams, and those whose votes are counted.

use axum::http::StatusCode;
use cloud_sim::{Fault, Kind, Person};
use liftlock::identity::{Account, DirectoryError};
use promotion::{GroupId, PersonId, Role};

use super::world::{ADA, RISK, World};

fn role(name: &str) -> Role {
    Role(name.to_owned())
}

async fn held(world: &World, person: &str) -> Result<Account, DirectoryError> {
    let roles = ["Model.Approver", "Model.Risk"].map(role);
    let groups = [GroupId::new(RISK)];
    let directory = world.identity.directory();
    directory
        .held_now(&PersonId::new(person), &roles, &groups)
        .await
}

#[tokio::test]
async fn it_knows_roles_groups_and_name_and_what_was_lost_since() {
    let world = World::new().await;
    let people = world.cloud.directory();
    people.change(ADA, |ada| {
        // More than one page of assignments.
        ada.roles = ["A", "B", "C", "Model.Risk", "Model.Approver"]
            .map(str::to_owned)
            .into();
        ada.groups = vec![RISK.to_owned()];
    });
    let ada = held(&world, ADA).await.unwrap();
    assert_eq!(ada.person.name, "Ada Approver");
    assert_eq!(ada.held.roles, ["Model.Approver", "Model.Risk"].map(role));
    assert_eq!(ada.held.groups, [GroupId::new(RISK)]);
    people.change(ADA, |ada| {
        ada.roles.pop();
        ada.groups.clear();
    });
    let ada = held(&world, ADA).await.unwrap();
    assert_eq!(ada.held.roles, [role("Model.Risk")]);
    assert_eq!(ada.held.groups, []);
}

#[tokio::test]
async fn an_answer_serves_clicks_for_a_while_and_is_asked_anew_before_anything_is_done() {
    let world = World::new().await;
    let directory = world.identity.directory();
    let (ada, roles) = (PersonId::new(ADA), [role("Model.Approver")]);
    let kept = async || directory.held(&ada, &roles, &[]).await.unwrap().held.roles;
    assert_eq!(kept().await, roles);
    world.cloud.directory().change(ADA, |ada| ada.roles.clear());
    assert_eq!(kept().await, roles);
    let now = directory.held_now(&ada, &roles, &[]).await.unwrap();
    assert_eq!(now.held.roles, []);
}

#[tokio::test]
async fn guests_strangers_and_disabled_accounts_hold_nothing_for_certain() {
    let world = World::new().await;
    let people = world.cloud.directory();
    let told = async |person: &str| {
        let error = held(&world, person).await.unwrap_err();
        assert!(error.is_certain(), "{error}");
        error.to_string()
    };
    insta::assert_snapshot!(told("00000000-0000-4000-8000-0000000000aa").await, @"nobody in this tenant has the object id 00000000-0000-4000-8000-0000000000aa");
    insta::assert_snapshot!(told("../groups").await, @"nobody in this tenant has the object id ../groups");
    people.change(ADA, |ada| ada.kind = Kind::Guest);
    insta::assert_snapshot!(told(ADA).await, @"Ada Approver is a guest in this tenant; guests decide nothing here");
    people.put(Person {
        enabled: false,
        ..Person::member(ADA, "Ada Approver", "ada")
    });
    insta::assert_snapshot!(told(ADA).await, @"the account of Ada Approver is disabled");
}

#[tokio::test]
async fn no_answer_is_no_answer() {
    let world = World::new().await;
    world
        .cloud
        .directory()
        .change(ADA, |ada| ada.groups = vec![RISK.to_owned()]);
    for operation in [
        "graph.user",
        "graph.servicePrincipal",
        "graph.appRoleAssignments",
        "graph.checkMemberGroups",
    ] {
        for status in [
            StatusCode::SERVICE_UNAVAILABLE,
            StatusCode::FORBIDDEN,
            StatusCode::TOO_MANY_REQUESTS,
        ] {
            let code = "Down".to_owned();
            world
                .cloud
                .faults()
                .add(operation, Fault::Status { status, code }, 100);
            let error = held(&world, ADA).await.unwrap_err();
            assert!(!error.is_certain(), "{operation} {status}: {error}");
            world.cloud.faults().clear();
        }
    }
    assert!(held(&world, ADA).await.is_ok());
}
