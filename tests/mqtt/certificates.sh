#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# certificates.sh FOLDER: PEM files for a broker on localhost, each X with X.crt and X.key:
#   ca, other_ca        authorities
#   server              by ca, for localhost and 127.0.0.1
#   elsewhere           by ca, for another name
#   expired             by ca, for localhost, until yesterday
#   client              by ca;  stranger: by other_ca
# and locked.key, the key of client under the pass phrase "locked-hush".
set -euo pipefail
cd "$1"

authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$1" -keyout "$1.key" -out "$1.crt"
}

# signed NAME AUTHORITY SUBJECT-ALTERNATIVE-NAME OPTION...
signed() {
  local name=$1 authority=$2 also=$3
  shift 3
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" -keyout "$name.key" -out "$name.csr"
  openssl x509 -req -in "$name.csr" -CA "$authority.crt" -CAkey "$authority.key" -CAcreateserial -out "$name.crt" \
    -extfile <(echo "subjectAltName=$also") "$@"
}

{
  authority ca
  authority other_ca
  signed server ca DNS:localhost,IP:127.0.0.1 -days 30
  signed elsewhere ca DNS:elsewhere.example -days 30
  signed client ca DNS:client -days 30
  signed stranger other_ca DNS:stranger -days 30
  openssl pkcs8 -topk8 -in client.key -passout pass:locked-hush -out locked.key
  signed expired ca DNS:localhost,IP:127.0.0.1 -days -1
} >certificates.log 2>&1 || { cat certificates.log; exit 1; }
