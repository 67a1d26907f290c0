//! The Lambda function `get-credentials`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), clr_server::StartError> {
    clr_server::serve(get_credentials::routes()).await
}
