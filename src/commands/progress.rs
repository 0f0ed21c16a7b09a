//! How far a long piece of work is, for people who wait.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// How often a line is written where there is no terminal.
const EVERY: Duration = Duration::from_secs(5);

/// A bar on a terminal, and a line now and then elsewhere; both on stderr.
pub struct Progress {
    subject: String,
    total: u64,
    started: Instant,
    shown: Shown,
}

enum Shown {
    Bar(ProgressBar),
    /// When the next line is due.
    Lines(Instant),
}

impl Progress {
    /// The progress of work on something, which is done at `total`.
    pub fn of(subject: impl Into<String>, total: u64) -> Self {
        let (subject, started) = (subject.into(), Instant::now());
        let shown = match io::stderr().is_terminal() {
            true => Shown::Bar(bar(total)),
            false => Shown::Lines(started + EVERY),
        };
        Self {
            subject,
            total,
            started,
            shown,
        }
    }

    /// Tells how far it is, out of the total, and how many licences that were.
    pub fn tell(&mut self, done: u64, licences: u64) {
        let now = Instant::now();
        match &mut self.shown {
            Shown::Bar(bar) => {
                bar.set_position(done);
                bar.set_message(says(self.total, done, licences, now - self.started));
            }
            Shown::Lines(due) if now >= *due => {
                *due = now + EVERY;
                let says = says(self.total, done, licences, now - self.started);
                // Nothing depends on whether the line can be shown.
                let _ = writeln!(io::stderr(), "{}: {says}", self.subject);
            }
            Shown::Lines(_) => {}
        }
    }

    /// Writes a line that stays, above the bar.
    pub fn line(&self, line: &str) {
        match &self.shown {
            Shown::Bar(bar) => bar.println(line),
            Shown::Lines(_) => {
                let _ = writeln!(io::stderr(), "{line}");
            }
        }
    }

    /// How long it took so far.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}

fn bar(total: u64) -> ProgressBar {
    let bar = ProgressBar::new(total);
    match ProgressStyle::with_template("{bar:30} {msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// `250000 licences, 31 %, 52000 a second, 14 s left`
fn says(total: u64, done: u64, licences: u64, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64().max(1e-3);
    let part = done as f64 / total.max(1) as f64;
    let rate = licences as f64 / seconds;
    let left = if part > 0.0 {
        seconds / part - seconds
    } else {
        0.0
    };
    let percent = (part * 100.0).min(100.0);
    format!("{licences} licences, {percent:.0} %, {rate:.0} a second, {left:.0} s left")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_and_remaining_time_follow_from_what_was_done() {
        let told = says(1_000, 250, 5_000, Duration::from_secs(10));
        assert_eq!(told, "5000 licences, 25 %, 500 a second, 30 s left");
        assert_eq!(
            says(0, 0, 0, Duration::ZERO),
            "0 licences, 0 %, 0 a second, 0 s left"
        );
    }
}
