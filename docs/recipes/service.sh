install -D -m 644 hvinspect.sysusers /etc/sysusers.d/hvinspect.conf
systemd-sysusers
install -D -m 644 50-hvinspect.rules -t /etc/polkit-1/rules.d
install -D -m 644 hvinspect-exporter.service -t /etc/systemd/system
systemctl daemon-reload
systemctl enable --now hvinspect-exporter.service
