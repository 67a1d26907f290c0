//! The Lambda function `profile`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), clr_server::StartError> {
    clr_server::serve(profile::routes()).await
}
