//! The Lambda function `discovery`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), clr_server::StartError> {
    clr_server::serve(discovery::routes()).await
}
