apt-get update
apt-get install --yes --no-install-recommends gcc libc6-dev libvirt-dev pkg-config python3-dev python3-venv
python3 -m venv /opt/hvinspect
/opt/hvinspect/bin/pip install "hvinspect[libvirt,cli,prometheus]"
