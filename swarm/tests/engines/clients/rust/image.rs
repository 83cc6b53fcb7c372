//! Images: built, moved as archives, and by way of a registry.

use std::collections::HashMap;

use ::bollard::Docker;
use ::bollard::models::{ContainerConfig, ContainerCreateBody};
use ::bollard::query_parameters::{
    BuildImageOptionsBuilder, CommitContainerOptionsBuilder, CreateImageOptionsBuilder,
    ImportImageOptions, ListImagesOptionsBuilder, LogsOptionsBuilder, PushImageOptions,
    RemoveImageOptionsBuilder, TagImageOptionsBuilder,
};
use futures::TryStreamExt as _;

use super::{anywhere, filter, named, refusal, removed, started};
use crate::lab::Lab;

const DOCKERFILE: &[u8] = b"FROM busybox\nARG WORD\nRUN echo $WORD > /word\nCMD cat /word\n";

async fn image_remove(docker: &Docker, image: &str) {
    let force = RemoveImageOptionsBuilder::new().force(true).build();
    docker
        .remove_image(image, Some(force), None)
        .await
        .expect("remove");
}

/// What a container of the image says.
async fn said(docker: &Docker, image: &str) -> String {
    let body = ContainerCreateBody {
        image: Some(image.into()),
        cmd: None,
        ..anywhere(&[])
    };
    started(docker, "rust-says", body).await;
    let options = LogsOptionsBuilder::new().stdout(true).follow(true).build();
    let said: Vec<_> = docker
        .logs("rust-says", Some(options))
        .try_collect()
        .await
        .expect("logs");
    removed(docker, "rust-says").await;
    said.iter().map(ToString::to_string).collect()
}

pub async fn are_built_and_moved(lab: &Lab, docker: &Docker) {
    let build = BuildImageOptionsBuilder::new()
        .t("rust-built:1")
        .rm(true)
        .buildargs(&HashMap::from([("WORD", "built")]))
        .build();
    let context = lab.tar_make(&[("Dockerfile", DOCKERFILE)]);
    let steps: Vec<_> = docker
        .build_image(build, None, Some(::bollard::body_full(context.into())))
        .try_collect()
        .await
        .expect("build");
    let log: String = steps.into_iter().filter_map(|step| step.stream).collect();
    assert!(log.contains("Successfully tagged rust-built:1"), "{log}");
    assert_eq!(said(docker, "rust-built:1").await, "built\n");
    let history = docker.image_history("rust-built:1").await.expect("history");
    assert!(history.iter().any(|row| row.created_by.contains("WORD")));

    let tag = TagImageOptionsBuilder::new().repo("rust-tagged").tag("1");
    docker
        .tag_image("rust-built:1", Some(tag.build()))
        .await
        .expect("tag");
    let saved: Vec<_> = docker
        .export_image("rust-tagged:1")
        .try_collect()
        .await
        .expect("save");
    image_remove(docker, "rust-built:1").await;
    image_remove(docker, "rust-tagged:1").await;
    let gone = refusal(docker.inspect_image("rust-tagged:1").await);
    assert_eq!(gone.0, 404, "{}", gone.1);
    let archive = ::bollard::body_full(saved.concat().into());
    let loaded: Vec<_> = docker
        .import_image(ImportImageOptions::default(), archive, None)
        .try_collect()
        .await
        .expect("load");
    assert!(
        format!("{loaded:?}").contains("rust-tagged:1"),
        "{loaded:?}"
    );
    let list = ListImagesOptionsBuilder::new().filters(&filter("reference", "rust-tagged"));
    let listed = docker.list_images(Some(list.build())).await.expect("list");
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!(listed[0].repo_tags, ["rust-tagged:1"]);
    image_remove(docker, "rust-tagged:1").await;
}

pub async fn are_pushed_and_pulled(lab: &Lab, docker: &Docker) {
    docker
        .create_container(named("rust-grown"), anywhere(&["true"]))
        .await
        .expect("create");
    let repository = format!("{}/rust-kept", lab.registry.address);
    let commit = CommitContainerOptionsBuilder::new()
        .container("rust-grown")
        .repo(&repository)
        .tag("1")
        .changes("CMD echo kept");
    docker
        .commit_container(commit.build(), ContainerConfig::default())
        .await
        .expect("commit");
    removed(docker, "rust-grown").await;
    let image = format!("{repository}:1");
    let pushed: Vec<_> = docker
        .push_image(&image, None::<PushImageOptions>, None)
        .try_collect()
        .await
        .expect("push");
    assert!(!pushed.is_empty());
    image_remove(docker, &image).await;
    let pull = CreateImageOptionsBuilder::new()
        .from_image(&repository)
        .tag("1");
    let pulled: Vec<_> = docker
        .create_image(Some(pull.build()), None, None)
        .try_collect()
        .await
        .expect("pull");
    assert!(!pulled.is_empty());
    assert_eq!(said(docker, &image).await, "kept\n");
    image_remove(docker, &image).await;

    let missing = CreateImageOptionsBuilder::new().from_image("localhost:1/rust-none");
    let failed: Result<Vec<_>, _> = docker
        .create_image(Some(missing.tag("1").build()), None, None)
        .try_collect()
        .await;
    let why = failed.expect_err("no such registry").to_string();
    assert!(why.contains("localhost:1"), "{why}");
}
