//! What the database says while requests are answered.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, OnceLock};

use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, SubscriberExt as _};

/// Everything that was heard since it was last asked.
#[derive(Clone, Default)]
pub struct Heard(Arc<Mutex<Words>>);

#[derive(Default)]
struct Words {
    statements: Vec<String>,
    notices: Vec<String>,
}

impl Heard {
    /// From now on, in this process.
    pub fn listen() -> Self {
        static HEARD: OnceLock<Heard> = OnceLock::new();
        HEARD
            .get_or_init(|| {
                let heard = Heard::default();
                let subscriber = tracing_subscriber::registry().with(heard.clone());
                let set = tracing::subscriber::set_global_default(subscriber);
                set.expect("nobody else listens");
                heard
            })
            .clone()
    }

    /// The statements that were made.
    pub fn statements(&self) -> Vec<String> {
        self.take().statements
    }

    /// What PostgreSQL noted.
    pub fn notices(&self) -> Vec<String> {
        self.take().notices
    }

    fn take(&self) -> Words {
        std::mem::take(&mut *self.0.lock().expect("nobody panicked"))
    }
}

#[derive(Default)]
struct Text {
    summary: String,
    whole: String,
    message: String,
}

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => self.summary = value.to_owned(),
            "db.statement" => self.whole = value.to_owned(),
            "message" => self.message = value.to_owned(),
            _ => {}
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let mut text = String::new();
        let _ = write!(text, "{value:?}");
        self.record_str(field, &text);
    }
}

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Heard {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let target = event.metadata().target();
        if !target.starts_with("sqlx::") {
            return;
        }
        let mut text = Text::default();
        event.record(&mut text);
        let mut words = self.0.lock().expect("nobody panicked");
        match target {
            "sqlx::query" if text.whole.trim().is_empty() => words.statements.push(text.summary),
            "sqlx::query" => words.statements.push(text.whole),
            "sqlx::postgres::notice" => words.notices.push(text.message),
            _ => {}
        }
    }
}
