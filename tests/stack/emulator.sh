# For the scripts of this folder: tools on the PATH, and an emulator of AWS that checks signatures and policies (AUTH), in
# $AWS_ENDPOINT_URL, until the script ends. Sourced from the top of the repository.

source tests/tier.sh
venv aws-sam-cli-1.170.0 aws-sam-cli==1.170.0
venv cargo-lambda-1.9.2 cargo-lambda==1.9.2
home=$PWD/target/stack
# Without what an earlier run deployed.
rm -rf "$home/state"
mkdir -p "$home/state"

# As /usr/bin has them, for what runs `sam`, `cargo lambda` and `clr` by name.
mkdir -p "$home/bin"
ln -sf "$tools/aws-sam-cli-1.170.0/bin/sam" "$tools/cargo-lambda-1.9.2/bin/cargo-lambda" "$home/bin"
ln -sf "${CLR:-$PWD/target/debug/clr}" "$home/bin/clr"
export PATH=$home/bin:$PATH SAM_CLI_TELEMETRY=0
# Plain cargo instead of zig, which nobody needs who builds for the machine that he has.
export CARGO_LAMBDA_COMPILER=cargo

# The emulator reads these, too.
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
export AWS_EC2_METADATA_DISABLED=true AUTH=true
emulate_aws "$home/state"
export AWS_ENDPOINT_URL=$emulator

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
    echo "http://${id%%.*}.execute-api.localhost:${emulator##*:}"
}

# logs GROUP: what the functions logged, for a failure.
logs() {
    "$tools/aws-sam-cli-1.170.0/bin/python3" -c 'import boto3, sys
for event in boto3.client("logs").filter_log_events(logGroupName=sys.argv[1])["events"][-40:]: print(event["message"].rstrip())' "$1"
}
