//! The Lambda function `registration`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), clr_server::StartError> {
    clr_server::serve(registration::routes()).await
}
