//! The Lambda function `token`.

#[tokio::main]
async fn main() -> Result<(), clr_server::StartError> {
    clr_server::serve(token::routes()).await
}
