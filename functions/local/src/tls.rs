//! https on the loopback interface, with a certificate that this folder's `clr` made for itself: for test suites, which ask
//! for https and can be told to take any certificate.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write as _},
    net::SocketAddr,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use axum_server::{Handle, tls_rustls::RustlsConfig};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use clr_server::Router;
use tokio::net::TcpListener;

use crate::{failure::Failure, service::FOLDER};

const CERTIFICATE: &str = "tls-certificate.pem";
const KEY: &str = "tls-key.pem";

/// This folder's certificate; made at first use.
pub(crate) async fn configuration() -> Result<RustlsConfig, Failure> {
    let folder = Path::new(FOLDER);
    make_certificate(folder)?;
    Ok(RustlsConfig::from_pem_file(folder.join(CERTIFICATE), folder.join(KEY)).await?)
}

/// The certificate that was made, to be trusted; none was.
pub(crate) fn certificate() -> Result<Option<reqwest::Certificate>, Failure> {
    match fs::read(Path::new(FOLDER).join(CERTIFICATE)) {
        Ok(pem) => Ok(Some(reqwest::Certificate::from_pem(&pem)?)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Serves until Ctrl-C.
pub(crate) async fn serve_on(listener: TcpListener, router: Router, tls: RustlsConfig) -> Result<(), Failure> {
    let handle = Handle::new();
    let ending = handle.clone();
    tokio::spawn(async move {
        let _ = tokio::signal::ctrl_c().await;
        ending.graceful_shutdown(None);
    });
    let server = axum_server::from_tcp_rustls(listener.into_std()?, tls)?.handle(handle);
    Ok(server
        .serve(router.into_make_service_with_connect_info::<SocketAddr>())
        .await?)
}

/// A key and its certificate for this machine's names, unless they are there.
fn make_certificate(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder)?;
    let (certificate, key) = (folder.join(CERTIFICATE), folder.join(KEY));
    if certificate.exists() && key.exists() {
        return Ok(());
    }
    for half in [&certificate, &key] {
        match fs::remove_file(half) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    let names = ["localhost", "127.0.0.1"].map(str::to_owned);
    let made = rcgen::generate_simple_self_signed(names)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(key)?;
    file.write_all(pem("PRIVATE KEY", &made.signing_key.serialize_der()).as_bytes())?;
    fs::write(certificate, pem("CERTIFICATE", made.cert.der()))?;
    Ok(())
}

/// RFC 7468.
fn pem(label: &str, der: &[u8]) -> String {
    let mut text = format!("-----BEGIN {label}-----\n");
    for (index, letter) in STANDARD.encode(der).chars().enumerate() {
        if index > 0 && index % 64 == 0 {
            text.push('\n');
        }
        text.push(letter);
    }
    text + &format!("\n-----END {label}-----\n")
}
