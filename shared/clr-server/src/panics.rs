//! What the log says of a panic: where it was. What it says itself can hold what somebody sent, and a secret as well.

use std::panic::{self, PanicHookInfo};

/// From now on a panic of this process is a line of the log with its place in the code, and nothing on standard error.
pub fn log_panics() {
    panic::set_hook(Box::new(log_place));
}

fn log_place(panic: &PanicHookInfo<'_>) {
    let place = panic
        .location()
        .map_or_else(|| "unknown".to_owned(), ToString::to_string);
    tracing::error!(place, "a panic");
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
    };

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_log_says_where_a_panic_was_and_nothing_that_it_says() {
        let written = Written::default();
        let log = {
            let written = written.clone();
            tracing_subscriber::fmt()
                .with_ansi(false)
                .with_writer(move || written.clone())
        };
        let usual = panic::take_hook();
        log_panics();
        let caught =
            tracing::subscriber::with_default(log.finish(), || panic::catch_unwind(|| panic!("ada@example.edu")));
        panic::set_hook(usual);
        assert!(caught.is_err());
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        assert!(
            text.contains("a panic place=\"shared/clr-server/src/panics.rs:") || text.contains("src/panics.rs:"),
            "{text}"
        );
        assert!(!text.contains("ada"), "{text}");
    }
}
