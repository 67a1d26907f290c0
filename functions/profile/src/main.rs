//! The Lambda function `profile`.

#[tokio::main]
async fn main() -> Result<(), clr_server::StartError> {
    clr_server::serve(profile::routes()).await
}
