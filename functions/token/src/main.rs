//! The Lambda function `token`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), clr_server::StartError> {
    clr_server::serve(token::routes()).await
}
