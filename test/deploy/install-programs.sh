#!/usr/bin/env bash
# Installs the programs that check the files of deploy/, and an ffmpeg with libvmaf, where they are missing: into
# /usr/local/bin, from the Go module proxy, and from PyPI and Debian.
set -euo pipefail

install_go() { # program, module, version
  command -v "$1" >/dev/null && return
  local folder
  folder=$(mktemp -d)
  GOFLAGS=-mod=mod GOBIN=$folder go install "$2@$3"
  install "$folder"/* "/usr/local/bin/$1"
  rm -rf "$folder"
}

install_go kustomize sigs.k8s.io/kustomize/kustomize/v5 v5.7.1
install_go compose-go github.com/compose-spec/compose-go/v2/cmd v2.16.2
command -v kubernetes-validate >/dev/null || pip install --quiet kubernetes-validate==1.37.0
command -v systemd-analyze >/dev/null || apt-get install -y -qq --no-install-recommends systemd >/dev/null
if ! command -v ffmpeg-libvmaf >/dev/null; then
  pip install --quiet imageio-ffmpeg==0.8.1
  ln -s "$(python3 -c 'import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())')" /usr/local/bin/ffmpeg-libvmaf
fi
