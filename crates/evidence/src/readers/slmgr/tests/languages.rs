//! Languages of which not every label is known: forms and the order of the lines tell the rest.

use super::check;

const CHINESE: &str = "
C:\\> cscript //nologo slmgr.vbs /dlv
软件授权服务版本: 10.0.19041.1

名称: Windows(R), Enterprise edition
描述: Windows(R) Operating System, VOLUME_KMSCLIENT channel
激活 ID: 73111121-5638-40f6-bc11-f1d7b0d64300
应用程序 ID: 55c92734-d682-4d71-983e-d6ec3f16059f
扩展的 PID: 03612-03308-000-000000-03-2052-19041.0000-0012025
产品密钥通道: Volume:GVLK
安装 ID: 130096098742538877424757780434931350325192537413574684069762241
部分产品密钥: 2YT43
许可证状态: 已授权
批量激活过期: 259195 分钟(180 天)
剩余 Windows 重置计数: 1001
剩余 SKU 重置计数: 1001
信任时间: 2026/1/5 9:13:33
配置的激活类型: 全部

最新激活信息:
密钥管理服务客户端信息
    客户端计算机 ID (CMID): 11111111-2222-3333-4444-555555555555
    DNS 中的 KMS 计算机名称: kms1.contoso.com:1688
    KMS 计算机 IP 地址: 10.0.0.5
    KMS 计算机扩展 PID: 06401-00206-491-411285-03-1031-9600.0000-0802017
    激活间隔: 120 分钟
    续订间隔: 10080 分钟
    KMS 主机缓存已启用
";

#[test]
fn chinese() {
    check(
        CHINESE,
        "machine machine.version = 10.0.19041.1 @2
         machine machine.rearm-count = 1001 @14
         machine kms.activation-type = any @17
         machine machine.client-id = 11111111-2222-3333-4444-555555555555 @21
         machine kms.pinned-host absent @22
         machine kms.cached-host = kms1.contoso.com @22
         kms1.contoso.com:1688 endpoint.used = true @22
         machine kms.activation-interval = 120 @25
         machine kms.renewal-interval = 10080 @26
         73111121-5638-40f6-bc11-f1d7b0d64300 license.product = Windows(R), Enterprise edition @4
         73111121-5638-40f6-bc11-f1d7b0d64300 license.application = windows @7
         73111121-5638-40f6-bc11-f1d7b0d64300 license.channel = gvlk @9
         73111121-5638-40f6-bc11-f1d7b0d64300 license.key-installed = true @11
         73111121-5638-40f6-bc11-f1d7b0d64300 license.partial-key = 2YT43 @11
         73111121-5638-40f6-bc11-f1d7b0d64300 license.status = licensed @12
         73111121-5638-40f6-bc11-f1d7b0d64300 license.minutes-left = 259195 @13",
    );
}

#[test]
fn korean() {
    check(
        "
이름: Windows(R), Professional edition
설명: Windows(R) Operating System, VOLUME_KMSCLIENT channel
부분 제품 키: 2YT43
라이선스 상태: 알림
알림 이유: 0xC004F056.
등록된 KMS 컴퓨터 이름: kms2.contoso.com:1700
오류: 0xC004F074 컴퓨터를 활성화할 수 없습니다.",
        "machine kms.pinned-host = kms2.contoso.com @6
         machine kms.pinned-port = 1700 @6
         kms2.contoso.com:1700 endpoint.pinned = true @6
         command:#:7 attempt.record = command @7
         command:#:7 attempt.code = 0xC004F074 @7
         windows:2yt43 license.product = Windows(R), Professional edition @1
         windows:2yt43 license.application = windows @1
         windows:2yt43 license.channel = gvlk @2
         windows:2yt43 license.key-installed = true @3
         windows:2yt43 license.partial-key = 2YT43 @3
         windows:2yt43 license.status = notification @4
         windows:2yt43 license.reason = 0xC004F056 @5"
            .replace(
                '#',
                &super::hash(
                    "
이름: Windows(R), Professional edition
설명: Windows(R) Operating System, VOLUME_KMSCLIENT channel
부분 제품 키: 2YT43
라이선스 상태: 알림
알림 이유: 0xC004F056.
등록된 KMS 컴퓨터 이름: kms2.contoso.com:1700
오류: 0xC004F074 컴퓨터를 활성화할 수 없습니다.",
                ),
            )
            .as_str(),
    );
}

#[test]
fn french() {
    check(
        "
Nom : Windows(R), ServerStandard edition
Description : Windows(R) Operating System, VOLUME_KMSCLIENT channel
ID d’activation : 9bd77860-9b31-4b7b-96ad-2564017315bf
ID d’application : 55c92734-d682-4d71-983e-d6ec3f16059f
Canal de la clé de produit : Volume:GVLK
Clé de produit partielle : 2YT43
État de la licence : avec licence
Expiration de l’activation en volume : 253564 minute(s) (177 jour(s))
Type d’activation configuré : Tous
Nom de l’ordinateur KMS enregistré : kms1.contoso.com:1688",
        "machine kms.activation-type = any @9
         machine kms.pinned-host = kms1.contoso.com @10
         machine kms.pinned-port = 1688 @10
         kms1.contoso.com:1688 endpoint.pinned = true @10
         9bd77860-9b31-4b7b-96ad-2564017315bf license.product = Windows(R), ServerStandard edition @1
         9bd77860-9b31-4b7b-96ad-2564017315bf license.application = windows @4
         9bd77860-9b31-4b7b-96ad-2564017315bf license.channel = gvlk @5
         9bd77860-9b31-4b7b-96ad-2564017315bf license.key-installed = true @6
         9bd77860-9b31-4b7b-96ad-2564017315bf license.partial-key = 2YT43 @6
         9bd77860-9b31-4b7b-96ad-2564017315bf license.status = licensed @7
         9bd77860-9b31-4b7b-96ad-2564017315bf license.minutes-left = 253564 @8",
    );
}

#[test]
fn a_host_in_a_language_that_is_not_known() {
    check(
        "
Namn: Windows(R), ServerStandard edition
Beskrivning: Windows(R) Operating System, VOLUME_KMS_WS19 channel
Del av nyckel: 2YT43
Licensläge: Okänt ord
Återstående Windows-antal: 1000
Återstående SKU-antal: 1001
Betrodd tid: 2026-01-05 09:13:33
Tjänsten är på
    Antal: 3
    Lyssnar: 1689
    DNS
    Prioritet: Normal
Begäranden
    Mottagna: 826
    Misslyckade: 7
    Annat: 1
    Annat: 818",
        "machine machine.rearm-count = 1000 @5
         machine host.enabled = true @9
         machine host.count = 3 @9
         machine host.port = 1689 @10
         machine host.requests = 826 @14
         machine host.failed-requests = 7 @15
         windows:2yt43 license.product = Windows(R), ServerStandard edition @1
         windows:2yt43 license.application = windows @1
         windows:2yt43 license.channel = csvlk @2
         windows:2yt43 license.key-installed = true @3
         windows:2yt43 license.partial-key = 2YT43 @3
         windows:2yt43 license.status unknown Unreadable @4
         windows:2yt43 license.serves = true @9
         windows:2yt43 license.host-count = 3 @9
         machine host.key-generation = server-2019 @2",
    );
}

#[test]
fn a_reason_stands_with_one_state_alone() {
    check(
        "
Opis: Windows(R) Operating System, VOLUME_KMSCLIENT channel
Klucz: 2YT43
Stan: nieznany
Powód: 0xC004F00F.",
        "windows:2yt43 license.channel = gvlk @1
         windows:2yt43 license.key-installed = true @2
         windows:2yt43 license.partial-key = 2YT43 @2
         windows:2yt43 license.status = notification @3
         windows:2yt43 license.reason = 0xC004F00F @4",
    );
}

#[test]
fn licences_that_are_not_in_use() {
    check(
        "
名称: Windows(R), EnterpriseN edition
描述: Windows(R) Operating System, VOLUME_MAK channel
激活 ID: 73111121-5638-40f6-bc11-f1d7b0d64300
应用程序 ID: 55c92734-d682-4d71-983e-d6ec3f16059f
扩展的 PID:
安装 ID:
此许可证未使用。

名称: Windows(R), Core edition
描述: Windows(R) Operating System, RETAIL channel
激活 ID: 2b1f36bb-c1cd-4306-bf5c-a0367c2d97d8
此许可证未使用。",
        "",
    );
}

#[test]
fn answers_of_xpr() {
    for (answer, expect) in [
        ("计算机已永久激活。", "license.permanent = true"),
        ("批量激活将于 2026/3/13 1:05:14 过期", "license.expires = 2026-03-13T01:05:14Z"),
        ("Der Computer ist dauerhaft aktiviert.", "license.permanent = true"),
        ("Windows is in Notification mode", "license.status = notification"),
        ("Initial grace period ends 2026-03-13 1:05:14", "license.status = initial-grace"),
    ] {
        let text = format!("Windows(R), Enterprise edition:\n    {answer}");
        let found = super::rendered(text.as_bytes());
        assert!(found.contains(expect) && found.lines().count() == 3, "{found}");
    }
}

#[test]
fn prose_with_colons_has_no_shape() {
    for text in [
        "Hinweis: ABCDF",
        "Server: 10.0.0.1",
        "注意: 0xC0A80A01",
        "Antal: 3\nPort: 1688",
        "Version: 10.0.19041.1",
        "CMID: none",
        "KMS: see below",
    ] {
        check(text, "");
    }
}
