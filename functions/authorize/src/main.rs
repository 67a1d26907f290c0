//! The Lambda function `authorize`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), clr_server::StartError> {
    clr_server::serve(authorize::routes()).await
}
