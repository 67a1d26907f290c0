//! The Lambda function `status`.

#[tokio::main]
async fn main() -> Result<(), clr_server::StartError> {
    clr_server::serve(status::routes()).await
}
