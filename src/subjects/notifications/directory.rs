//! Mails as files, for whoever fetches them there.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use lettre::message::Mailbox;

use super::message::message;
use super::{MailError, NotificationSender, Prepared, Sending};

/// A directory with one `.eml` file for each mail. It is made when the first one is sent.
///
/// The file is named after the notification, and appears whole or not at all. One that is sent
/// again takes the place of its earlier copy.
pub struct Directory {
    path: PathBuf,
    from: Mailbox,
}

impl Directory {
    /// The directory, and whose name is on the mails.
    pub fn new(path: PathBuf, from: Mailbox) -> Self {
        Self { path, from }
    }
}

impl NotificationSender for Directory {
    fn send<'a>(&'a self, prepared: &'a Prepared) -> Sending<'a> {
        Box::pin(async move {
            let mail = message(prepared, &self.from)?.formatted();
            let name = format!("notification-{}.{}.eml", prepared.id, prepared.api_ref_id);
            let folder = self.path.clone();
            let written = tokio::task::spawn_blocking(move || write(&folder, &name, &mail)).await;
            written.unwrap_or_else(|lost| {
                Err(MailError::Unwritable {
                    path: self.path.clone(),
                    source: std::io::Error::other(lost),
                })
            })
        })
    }
}

/// Writes beside the file, syncs, and renames: readers never see a part of a mail.
fn write(folder: &Path, name: &str, mail: &[u8]) -> Result<(), MailError> {
    let unwritable = |path: &Path| {
        let path = path.to_owned();
        move |source| MailError::Unwritable { path, source }
    };
    std::fs::create_dir_all(folder).map_err(unwritable(folder))?;
    let part = folder.join(format!(".{name}.part"));
    let whole = folder.join(name);
    let stored = || -> std::io::Result<()> {
        let mut file = std::fs::File::create(&part)?;
        file.write_all(mail)?;
        file.sync_all()?;
        std::fs::rename(&part, &whole)?;
        // The name is safe once the directory is.
        std::fs::File::open(folder)?.sync_all()
    };
    stored().map_err(unwritable(&whole))
}

#[cfg(test)]
mod tests {
    use super::super::tests::prepared;
    use super::*;

    #[tokio::test]
    async fn a_mail_is_a_file_and_a_second_try_takes_its_place() {
        let folder = std::env::temp_dir().join(format!("specwright-mail-{}", std::process::id()));
        let from: Mailbox = "Subjects <subjects@example.org>".parse().expect("a sender");
        let directory = Directory::new(folder.join("new"), from);
        for _ in 0..2 {
            directory.send(&prepared()).await.expect("it is written");
        }
        let files: Vec<_> = std::fs::read_dir(folder.join("new"))
            .expect("it is there")
            .map(|entry| entry.expect("it can be read").path())
            .collect();
        let [file] = &files[..] else {
            panic!("one mail and no parts of it: {files:?}");
        };
        let text = std::fs::read_to_string(file).expect("it is text");
        assert!(file.ends_with("notification-3.7.eml"), "{file:?}");
        assert!(text.ends_with("Notification 3, request 7\r\n"), "{text}");
        // Where the directory should be stands a file.
        let from: Mailbox = "subjects@example.org".parse().expect("a sender");
        let blocked = Directory::new(file.clone(), from).send(&prepared()).await;
        let blocked = blocked.expect_err("it cannot be written");
        assert!(matches!(blocked, MailError::Unwritable { .. }), "{blocked}");
        std::fs::remove_dir_all(folder).expect("it can be removed");
    }
}
