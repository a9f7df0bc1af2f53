podman build --tag hvinspect --file Containerfile .
podman run --detach --name hvinspect --read-only --cap-drop=all --security-opt=no-new-privileges \
    --volume /run/libvirt:/run/libvirt:ro --publish 127.0.0.1:9688:9688 hvinspect
