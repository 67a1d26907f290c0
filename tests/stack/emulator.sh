# For the scripts of this folder: tools on the PATH, and an emulator of AWS that checks signatures and policies (AUTH), in
# $AWS_ENDPOINT_URL, until the script ends. Sourced from the top of the repository.

tools=$PWD/target/tools
home=$PWD/target/stack
mkdir -p "$home"

# venv FOLDER PACKAGE…: a virtual environment with these packages.
venv() {
    local folder=$tools/$1
    shift
    if [ -e "$folder/installed" ]; then return; fi
    python3 -m venv "$folder" || { apt-get -qq update && apt-get -qq install -y python3-venv && python3 -m venv "$folder"; }
    "$folder/bin/pip" install --quiet --disable-pip-version-check "$@"
    touch "$folder/installed"
}
venv aws-sam-cli-1.170.0 aws-sam-cli==1.170.0
venv cargo-lambda-1.9.2 cargo-lambda==1.9.2
# The emulator takes the transformation of SAM from aws-sam-translator.
venv ministack-1.5.33-sam ministack==1.5.33 cryptography==50.0.2 aws-sam-translator==1.115.0

running=()
end() {
    if [ ${#running[@]} != 0 ]; then
        kill "${running[@]}" 2>/dev/null || true
        wait "${running[@]}" 2>/dev/null || true
    fi
    rm -rf "$home/state"
}
trap end EXIT
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# As /usr/bin has them, for what runs `sam`, `cargo lambda` and `clr` by name.
mkdir -p "$home/bin"
ln -sf "$tools/aws-sam-cli-1.170.0/bin/sam" "$tools/cargo-lambda-1.9.2/bin/cargo-lambda" "$home/bin"
ln -sf "${CLR:-$PWD/target/debug/clr}" "$home/bin/clr"
export PATH=$home/bin:$PATH SAM_CLI_TELEMETRY=0
# Plain cargo instead of zig, which nobody needs who builds for the machine that he has.
export CARGO_LAMBDA_COMPILER=cargo

port=$(free_port)
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
export AWS_EC2_METADATA_DISABLED=true AWS_ENDPOINT_URL=http://127.0.0.1:$port
# Without every one of these the emulator listens on all addresses or looks for the real cloud.
mkdir -p "$home/state"
(cd "$home/state" && AUTH=true IOT_MTLS_ENABLED=0 BIND_HOST=127.0.0.1 GATEWAY_PORT=$port MINISTACK_HOST=localhost \
    exec "$tools/ministack-1.5.33-sam/bin/ministack") >"$home/emulator.log" 2>&1 &
running+=($!)
for _ in $(seq 150); do
    if curl -sf -o /dev/null "$AWS_ENDPOINT_URL/_ministack/health"; then ready=yes && break; fi
    sleep 0.2
done
if [ -z "${ready:-}" ]; then
    cat "$home/emulator.log" >&2
    echo "the emulator did not become ready" >&2
    exit 1
fi

# adapt: a built template without what the emulator lacks.
adapt() { "$tools/aws-sam-cli-1.170.0/bin/python3" tests/stack/adapt.py .aws-sam/build/template.yaml; }

# output STACK NAME: an output of a stack.
output() {
    sam list stack-outputs --stack-name "$1" --output json |
        python3 -c 'import json, sys; print(next(o["OutputValue"] for o in json.load(sys.stdin) if o["OutputKey"] == sys.argv[1]))' "$2"
}

# in_emulator URL: where the emulator has the API that AWS would have under this URL.
in_emulator() {
    local id=${1#https://}
    echo "http://${id%%.*}.execute-api.localhost:$port"
}

# logs GROUP: what the functions logged, for a failure.
logs() {
    "$tools/aws-sam-cli-1.170.0/bin/python3" -c 'import boto3, sys
for event in boto3.client("logs").filter_log_events(logGroupName=sys.argv[1])["events"][-40:]: print(event["message"].rstrip())' "$1"
}
