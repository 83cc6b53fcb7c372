//! What is set with `--cluster-opt`.

use std::time::Duration;

use super::{Fatal, GoDuration};

/// `--cluster-opt`, with or without `swarm.` in front.
pub struct ClusterOptions {
    pub overcommit: f64,
    pub create_retry: u32,
    /// Ours alone; the archived program waited for no engine.
    pub reschedule_delay: Duration,
}

impl ClusterOptions {
    pub fn parse(options: &[String]) -> Result<Self, Fatal> {
        let mut parsed = Self {
            overcommit: 0.05,
            create_retry: 0,
            reschedule_delay: Duration::from_secs(5),
        };
        for option in options {
            let Some((name, value)) = option.split_once('=') else {
                return Err(Fatal::new(format!("invalid cluster option {option:?}")));
            };
            parsed.set(name.strip_prefix("swarm.").unwrap_or(name), value)?;
        }
        Ok(parsed)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Fatal> {
        match name {
            "overcommit" => {
                self.overcommit = value
                    .parse()
                    .ok()
                    .filter(|value: &f64| value.is_finite())
                    .ok_or_else(|| {
                        Fatal::new(format!("swarm.overcommit: {value:?} is not a number"))
                    })?;
                if self.overcommit <= -1.0 {
                    return Err(Fatal::new(format!(
                        "swarm.overcommit should be larger than -1, {:.6} is invalid",
                        self.overcommit
                    )));
                }
            }
            "createretry" => {
                self.create_retry = value.parse().map_err(|_| {
                    Fatal::new(format!(
                        "swarm.createretry can not be negative, {value} is invalid"
                    ))
                })?;
            }
            "rescheduledelay" => {
                let delay = value.parse().ok().and_then(GoDuration::not_negative);
                self.reschedule_delay = delay.ok_or_else(|| {
                    Fatal::new(format!(
                        "swarm.rescheduledelay should be a duration like 5s, {value} is invalid"
                    ))
                })?;
            }
            _ => return Err(Fatal::new(format!("unknown cluster option {name:?}"))),
        }
        Ok(())
    }
}
