//! The Lambda function `upsert-credential`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), clr_server::StartError> {
    clr_server::serve(upsert_credential::routes()).await
}
