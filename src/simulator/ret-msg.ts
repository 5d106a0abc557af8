/** The wording of the codes that this gateway answers of itself or by a usual script; clients decide by code only. */
const TEXTS: Readonly<Record<string, string>> = {
  '0000': '交易成功',
  '1001': '商户请求签名错误',
  '1002': '第三方单号重复',
  '1004': '商户请求参数校验错误',
  '1012': '请求报文解析失败',
  '2005': '原交易已在进行处理，请勿重复提交',
  '2008': '交易处理中',
  '3001': '非法商户',
  '5003': '退款金额错误',
  '5005': '退款失败，请重试',
  '5006': '商户账户余额不足',
  '5007': '累计退款金额大于原交易金额',
  '5008': '原交易未成功',
  '8901': '没有记录',
  '9000': '银行维护中，请稍后再试',
  '9092': '支付单号与订单号不一致',
  '9093': '无对应的支付单信息',
  '9902': '接口调用异常',
  '9921': '退款查询失败',
  '9970': '银行系统日切处理中',
  '9983': '商户订单号重复',
  '9990': '银行交易出错，请稍后重试',
  '9999': '系统错误',
}

/** @param parameter the field that a 1004 is about; the real gateway names it in brackets */
export function retMsg(code: string, parameter?: string): string {
  const text = TEXTS[code] ?? '交易异常'
  return parameter === undefined ? text : `${text}[${parameter}]`
}
