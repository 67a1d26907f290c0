//! The Lambda function `discovery`.

#[tokio::main]
async fn main() -> Result<(), clr_server::StartError> {
    clr_server::serve(discovery::routes()).await
}
