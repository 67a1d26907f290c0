//! The Lambda function `issue`.

#[tokio::main]
async fn main() -> Result<(), clr_server::StartError> {
    clr_server::serve(issue::routes()).await
}
