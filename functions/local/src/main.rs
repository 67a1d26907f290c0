//! The command `clr`.

fn main() -> std::process::ExitCode {
    local::run()
}
