//! What Krill does with its signer, by the same crate: client PORT CERTIFICATE KEY CA
//!
//! Prints the public key and a signature of "signed by krill", each in hex, then the identifiers of the pair.

use std::{env, fs, time::Duration};

use kmip_protocol::client::{tls::openssl, ClientCertificate, ConnectionSettings};
use kmip_protocol::types::{common::KeyMaterial, common::Operation, response::ManagedObject};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = env::args().collect();
    let settings = ConnectionSettings {
        host: "localhost".into(),
        port: args[1].parse()?,
        client_cert: Some(ClientCertificate::SeparatePem {
            cert_bytes: fs::read(&args[2])?,
            key_bytes: Some(fs::read(&args[3])?),
        }),
        ca_cert: Some(fs::read(&args[4])?),
        connect_timeout: Some(Duration::from_secs(5)),
        read_timeout: Some(Duration::from_secs(30)),
        write_timeout: Some(Duration::from_secs(5)),
        max_response_bytes: Some(64 * 1024),
        ..Default::default()
    };
    let client = openssl::connect(&settings)?;

    // Krill refuses a server that does not list these.
    let listed = client.query()?.operations.unwrap_or_default();
    for needed in [
        Operation::CreateKeyPair,
        Operation::Activate,
        Operation::Sign,
        Operation::Revoke,
        Operation::Destroy,
        Operation::Get,
        Operation::ModifyAttribute,
    ] {
        if !listed.contains(&needed) {
            return Err(format!("Query does not list {needed:?}").into());
        }
    }

    let (private, public) = client.create_rsa_key_pair(2048, "krill private".into(), "krill public".into())?;
    let ManagedObject::PublicKey(key) = client.get_key(&public)?.cryptographic_object else {
        return Err("Get gives no public key".into());
    };
    let KeyMaterial::Bytes(material) = key.key_block.key_value.key_material else {
        return Err("the public key is not in bytes".into());
    };
    client.rename_key(&public, "krill public renamed".into())?;
    client.rename_key(&private, "krill private renamed".into())?;
    client.activate_key(&private)?;
    let signature = client.sign(&private, b"signed by krill")?.signature_data;
    let random = client.rng_retrieve(32)?.data;
    client.destroy_key(&public)?;
    client.revoke_key(&private)?;
    client.destroy_key(&private)?;
    if client.get_key(&private).is_ok() {
        return Err("the key is still given after it was destroyed".into());
    }
    println!("{}\n{}\n{}\n{public}\n{private}", hex(&material), hex(&signature), hex(&random));
    Ok(())
}
