//! What a change of size takes, told before it happens.

use model::{SegmentContents, SegmentContentsView};

/// What becomes of the containers of services on a segment that goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tasks {
    /// Docker's swarm makes them again on another segment.
    Move,
    /// They go as all the others do.
    Go,
}

/// The segments that go when the cluster has `target` of them: the newest first, as the planner does
/// it, so that the first segment stays to the last.
pub fn losses(contents: &[SegmentContentsView], target: u32) -> Vec<SegmentContentsView> {
    let going = contents.iter().filter(|one| one.ordinal > target);
    going.cloned().collect()
}

/// Containers that go for good.
pub fn lost(found: &SegmentContents, tasks: Tasks) -> Vec<String> {
    let mut all = found.containers.clone();
    if tasks == Tasks::Go {
        all.extend(found.tasks.iter().cloned());
        all.sort();
    }
    all
}

/// How many containers go, as far as anybody knows; None: some segment could not be asked.
pub fn count_lost(losses: &[SegmentContentsView], tasks: Tasks) -> Option<usize> {
    let of = |one: &SegmentContentsView| Some(lost(one.found.as_ref()?, tasks).len());
    losses.iter().map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(ordinal: u32, found: Option<(&[&str], &[&str])>) -> SegmentContentsView {
        let words = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
        SegmentContentsView {
            ordinal,
            address: format!("10.83.0.{}", 10 + ordinal),
            found: found.map(|(containers, tasks)| SegmentContents {
                containers: words(containers),
                tasks: words(tasks),
                volumes: None,
            }),
        }
    }

    #[test]
    fn the_newest_segments_go_with_what_is_on_them() {
        let all = [
            segment(1, Some((&["db"], &[]))),
            segment(2, Some((&[], &[]))),
            segment(3, Some((&["web"], &["mail.1.x"]))),
        ];
        let going = losses(&all, 1);
        let ordinals: Vec<u32> = going.iter().map(|one| one.ordinal).collect();
        assert_eq!(ordinals, [2, 3]);
        assert_eq!(count_lost(&going, Tasks::Move), Some(1));
        assert_eq!(count_lost(&going, Tasks::Go), Some(2));
        let found = going[1].found.as_ref().unwrap();
        assert_eq!(lost(found, Tasks::Move), ["web"]);
        assert_eq!(lost(found, Tasks::Go), ["mail.1.x", "web"]);
        assert!(losses(&all, 3).is_empty(), "growing loses nothing");
    }

    #[test]
    fn what_nobody_could_be_asked_is_not_nothing() {
        let all = [segment(1, Some((&["db"], &[]))), segment(2, None)];
        assert_eq!(count_lost(&losses(&all, 1), Tasks::Move), None);
        assert_eq!(count_lost(&losses(&all, 0), Tasks::Go), None);
    }
}
