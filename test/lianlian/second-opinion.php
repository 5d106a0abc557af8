<?php
// Signs and verifies messages as LianLian's own PHP samples do: ksort, key=value, &, MD5withRSA. Apart from this
// project's code, to compare the two. Reads JSON from stdin, writes JSON to stdout.
$asked = json_decode(stream_get_contents(STDIN), true, 512, JSON_THROW_ON_ERROR);

function source_of(array $fields, int $flags): string
{
    $params = [];
    foreach ($fields as [$name, $value]) {
        if ($name !== 'sign' && $value !== '') {
            $params[$name] = $value;
        }
    }
    ksort($params, $flags);
    $pairs = [];
    foreach ($params as $name => $value) {
        $pairs[] = $name . '=' . $value;
    }
    return implode('&', $pairs);
}

$answers = [];
foreach ($asked['messages'] as ['fields' => $fields, 'sign' => $sign]) {
    $source = source_of($fields, SORT_STRING);
    openssl_sign($source, $made, $asked['private'], OPENSSL_ALGO_MD5);
    $answers[] = [
        'source' => $source,
        // as the samples call it, with no flags
        'plain' => source_of($fields, SORT_REGULAR),
        'sign' => base64_encode($made),
        'verdict' => openssl_verify($source, base64_decode($sign), $asked['public'], OPENSSL_ALGO_MD5) === 1,
    ];
}
echo json_encode($answers, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
